// Writes a ustar archive with fixed times and owners: the same files give the same bytes, so the same digests.

export interface TarFile {
  readonly content: string | Buffer;
  /** Octal permissions; 0o644 when left out. */
  readonly mode?: number;
}

const BLOCK = 512;

function field(header: Buffer, offset: number, length: number, value: string): void {
  header.write(value.slice(0, length), offset, "latin1");
}

function octal(value: number, length: number): string {
  return value.toString(8).padStart(length - 1, "0");
}

function tarHeader(name: string, size: number, mode: number, type: "0" | "5"): Buffer {
  if (Buffer.byteLength(name) > 100) throw new Error(`${name}: longer than a tar name can be`);
  const header = Buffer.alloc(BLOCK);
  field(header, 0, 100, name);
  field(header, 100, 8, octal(mode, 8));
  field(header, 108, 8, octal(0, 8));
  field(header, 116, 8, octal(0, 8));
  field(header, 124, 12, octal(size, 12));
  field(header, 136, 12, octal(0, 12));
  header.fill(" ", 148, 156);
  field(header, 156, 1, type);
  field(header, 257, 8, "ustar\u000000");
  const sum = header.reduce((total, byte) => total + byte, 0);
  field(header, 148, 8, `${sum.toString(8).padStart(6, "0")}\u0000 `);
  return header;
}

/** Paths without a leading slash; directories are made as needed. */
export function tar(files: Readonly<Record<string, TarFile>>): Buffer {
  const blocks: Buffer[] = [];
  const directories = new Set<string>();
  for (const path of Object.keys(files).sort()) {
    const parts = path.split("/").slice(0, -1);
    parts.forEach((_, index) => {
      directories.add(`${parts.slice(0, index + 1).join("/")}/`);
    });
  }
  for (const directory of [...directories].sort()) blocks.push(tarHeader(directory, 0, 0o755, "5"));
  for (const [path, file] of Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const content = Buffer.from(file.content);
    blocks.push(tarHeader(path, content.length, file.mode ?? 0o644, "0"), content);
    blocks.push(Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK));
  }
  blocks.push(Buffer.alloc(2 * BLOCK));
  return Buffer.concat(blocks);
}
