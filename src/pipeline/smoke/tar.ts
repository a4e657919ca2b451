// The first entry of a tar archive (POSIX.1-1988 ustar, pax and GNU long names), as `docker cp` writes one for one path.
import { byteReader, latin1 } from "./bytes.ts";

const BLOCK = 512;
/** Blocks of extended headers that may come before the entry itself. */
const MAX_EXTENSIONS = 8;
const EXTENSIONS = ["x", "g", "L", "K"];

export type FirstEntry =
  | {
      readonly kind: "file";
      /** Permission bits. */
      readonly mode: number;
      /** Of the whole file, bytes. */
      readonly size: number;
      /** What of it was given; shorter than `size` where the archive was cut. */
      readonly content: Uint8Array;
    }
  | { readonly kind: "directory" }
  | { readonly kind: "other" };

/** Null where the bytes are no archive, or end before the entry is known. */
export function firstEntry(bytes: Uint8Array): FirstEntry | null {
  const reader = byteReader(bytes, true);
  let at = 0;
  for (let extensions = 0; extensions <= MAX_EXTENSIONS; extensions++) {
    const header = reader.slice(at, BLOCK);
    if (header === null || latin1(header.subarray(257, 262)) !== "ustar") return null;
    const size = numberField(header.subarray(124, 136));
    const mode = numberField(header.subarray(100, 108));
    if (size === null || mode === null) return null;
    const type = latin1(header.subarray(156, 157));
    if (EXTENSIONS.includes(type)) {
      at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
      continue;
    }
    if (type === "5") return { kind: "directory" };
    if (type !== "0" && type !== "\0" && type !== "7") return { kind: "other" };
    const content = bytes.subarray(at + BLOCK, at + BLOCK + size);
    return { kind: "file", mode: mode & 0o7777, size, content };
  }
  return null;
}

/** Octal digits, or since 8 GiB do not fit, GNU's binary form. */
function numberField(field: Uint8Array): number | null {
  if ((field[0] ?? 0) === 0x80) {
    const value = field.subarray(1).reduce((total, byte) => total * 256 + byte, 0);
    return Number.isSafeInteger(value) ? value : null;
  }
  const digits = latin1(field)
    .replace(/[\0 ]+$/, "")
    .trimStart();
  return /^[0-7]{1,12}$/.test(digits) ? Number.parseInt(digits, 8) : null;
}
