// Which 32-bit ARM processor a program was built for, by its build attributes ("Addenda to, and Errata in, the ABI for
// the Arm Architecture", IHI 0045, chapter "Build attributes"). What cannot be read is not guessed.
import { type ByteReader, byteReader } from "./bytes.ts";
import { elfSection } from "./elf.ts";

const TAG_FILE = 1;
const TAG_CPU_ARCH = 6;
const TAG_ABI_VFP_ARGS = 28;
const TAG_COMPATIBILITY = 32;
const MAX_PARTS = 64;
const MAX_ATTRIBUTES = 512;

/** Tag_CPU_arch, by its value: the name that toolchains print, and the variant of an image that it needs at least. */
const ARCHITECTURES: readonly (readonly [string, 5 | 6 | 7 | 8 | 9])[] = [
  ["pre-v4", 5],
  ["v4", 5],
  ["v4T", 5],
  ["v5T", 5],
  ["v5TE", 5],
  ["v5TEJ", 5],
  ["v6", 6],
  ["v6KZ", 6],
  ["v6T2", 6],
  ["v6K", 6],
  ["v7", 7],
  ["v6-M", 6],
  ["v6S-M", 6],
  ["v7E-M", 7],
  ["v8", 8],
  ["v8-R", 8],
  ["v8-M.baseline", 8],
  ["v8-M.mainline", 8],
  ["v8.1-A", 8],
  ["v8.2-A", 8],
  ["v8.3-A", 8],
  ["v8.1-M.mainline", 8],
  ["v9", 9],
];

export interface ArmBuild {
  /** As toolchains print it: `v5TE`, `v6KZ`, `v7`. */
  readonly name: string;
  /** 5 to 9: the lowest variant of an image (`arm/v7`) that may hold it. */
  readonly level: number;
  /** Arguments in floating point registers: the ABI of armhf. */
  readonly hardFloat: boolean;
}

/** `bytes` is a whole ELF file. Null without attributes (Go's linker writes none) or with ones that make no sense. */
export function readArmBuild(bytes: Uint8Array, littleEndian: boolean): ArmBuild | null {
  const section = elfSection(bytes, ".ARM.attributes");
  return section === null ? null : parseArmAttributes(section, littleEndian);
}

/** The content of `.ARM.attributes`: 'A', then parts of length, vendor and attributes; only `aeabi` is standard. */
export function parseArmAttributes(section: Uint8Array, littleEndian: boolean): ArmBuild | null {
  const reader = byteReader(section, littleEndian);
  if (reader.number(0, 1) !== 0x41) return null;
  let start = 1;
  for (let part = 0; part < MAX_PARTS; part++) {
    const length = reader.number(start, 4);
    if (length === null || length < 5 || start + length > reader.length) return null;
    const vendor = reader.text(start + 4, start + length);
    if (vendor === "aeabi") {
      return fileAttributes(reader, start + 4 + vendor.length + 1, start + length);
    }
    start += length;
  }
  return null;
}

/** The attributes of the whole file, which come before those of sections and symbols. */
function fileAttributes(reader: ByteReader, from: number, end: number): ArmBuild | null {
  let start = from;
  for (let part = 0; part < MAX_PARTS && start < end; part++) {
    const scope = reader.number(start, 1);
    const length = reader.number(start + 1, 4);
    if (scope === null || length === null || length < 5 || start + length > end) return null;
    if (scope === TAG_FILE) return buildOf(readAttributes(reader, start + 5, start + length));
    start += length;
  }
  return null;
}

function buildOf(attributes: ReadonlyMap<number, number>): ArmBuild | null {
  const found = ARCHITECTURES[attributes.get(TAG_CPU_ARCH) ?? -1];
  if (found === undefined) return null;
  return { name: found[0], level: found[1], hardFloat: attributes.get(TAG_ABI_VFP_ARGS) === 1 };
}

function readAttributes(reader: ByteReader, from: number, end: number): ReadonlyMap<number, number> {
  const numbers = new Map<number, number>();
  let at = from;
  const uleb = (): number | null => {
    let value = 0;
    for (let shift = 0; shift < 5; shift++) {
      const byte = at < end ? reader.number(at++, 1) : null;
      if (byte === null) return null;
      value += (byte & 0x7f) * 2 ** (7 * shift);
      if (byte < 0x80) return value;
    }
    return null;
  };
  const skipText = (): boolean => {
    const text = reader.text(at, end);
    at += (text?.length ?? 0) + 1;
    return text !== null;
  };
  for (let count = 0; count < MAX_ATTRIBUTES && at < end; count++) {
    const tag = uleb();
    if (tag === null) break;
    if (isText(tag)) {
      if (!skipText()) break;
      continue;
    }
    const value = uleb();
    if (value === null) break;
    numbers.set(tag, value);
    if (tag === TAG_COMPATIBILITY && !skipText()) break;
  }
  return numbers;
}

/** Tags 4 and 5 name the processor; from 32 on odd tags are texts and even ones numbers. */
function isText(tag: number): boolean {
  return tag === 4 || tag === 5 || (tag > TAG_COMPATIBILITY && tag % 2 === 1);
}
