// A tar archive with one file in it, which is how the engine takes a file into a container.

export interface ArchivedFile {
  /** Absolute path. */
  readonly path: string;
  readonly content: string;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since the epoch. */
  readonly modifiedAt: number;
}

const BLOCK = 512;
/** What the ustar format can hold: bytes of a name, and seven octal digits of an owner. */
const MAX_NAME = 100;
const MAX_OWNER = 0o7777777;

/** Directories on the way are left out: the engine makes those that are missing and leaves the others alone. */
export function archiveOf(file: ArchivedFile): Buffer {
  const name = file.path.replace(/^\/+/, "");
  const content = Buffer.from(file.content);
  const records = [
    ...(fitsName(name) ? [] : [record("path", name)]),
    ...(file.uid > MAX_OWNER ? [record("uid", String(file.uid))] : []),
    ...(file.gid > MAX_OWNER ? [record("gid", String(file.gid))] : []),
  ];
  const extended = Buffer.concat(records);
  return Buffer.concat([
    ...(records.length === 0 ? [] : entry({ ...file, name: "pax", uid: 0, gid: 0 }, "x", extended)),
    ...entry({ ...file, name }, "0", content),
    Buffer.alloc(2 * BLOCK),
  ]);
}

type Head = Omit<ArchivedFile, "path" | "content"> & { readonly name: string };

function entry(head: Head, type: "0" | "x", content: Buffer): readonly Buffer[] {
  const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK);
  return [header(head, type, content.length), content, padding];
}

function header(head: Head, type: "0" | "x", size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  // A name that does not fit stands in the extended header; the old field then only has to be well formed.
  block.write(fitsName(head.name) ? head.name : "long", 0, "latin1");
  const numbers = [
    [100, 8, head.mode],
    [108, 8, Math.min(head.uid, MAX_OWNER)],
    [116, 8, Math.min(head.gid, MAX_OWNER)],
    [124, 12, size],
    [136, 12, head.modifiedAt],
  ] as const;
  for (const [offset, length, value] of numbers) {
    block.write(value.toString(8).padStart(length - 1, "0"), offset, "latin1");
  }
  block.fill(" ", 148, 156);
  block.write(type, 156, "latin1");
  block.write("ustar\u000000", 257, "latin1");
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\u0000 `, 148, "latin1");
  return block;
}

function fitsName(name: string): boolean {
  return Buffer.byteLength(name) <= MAX_NAME && /^[\x20-\x7e]*$/.test(name);
}

/** `LENGTH KEY=VALUE\n`, where the length counts its own digits too. */
function record(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (String(length).length > String(rest).length) length += 1;
  return Buffer.from(`${length} ${key}=${value}\n`);
}
