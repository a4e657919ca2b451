// A program of a hundred bytes for a foreign processor, as an image: whether the engine runs it is the truth about its
// kernel, wherever that is. Made here, since nothing may be pulled for a question.
import type { Processor } from "./processors.ts";

const BASE = 0x10000;
const BLOCK = 512;
/** Path of the program in the image. */
export const PROBE_PROGRAM = "/check";

/** An ELF program that ends with status 0 at once (System V gABI, chapters 4 and 5). */
export function probeProgram(processor: Processor): Buffer {
  const { bits, littleEndian, machine, architecture } = processor;
  const code = Buffer.from(processor.exit, "hex");
  const wide = bits === 64;
  const start = wide ? 120 : 84;
  const length = start + code.byteLength;
  const writer = fieldWriter(littleEndian, wide);
  const ident = Buffer.from([
    0x7f,
    0x45,
    0x4c,
    0x46,
    bits / 32,
    littleEndian ? 1 : 2,
    1,
    ...Array(9).fill(0),
  ]);
  const header = [
    ...[writer.half(2), writer.half(machine), writer.word(1)],
    ...[writer.address(BASE + start), writer.address(wide ? 64 : 52), writer.address(0)],
    writer.word(abiFlags(architecture)),
    ...[wide ? 64 : 52, wide ? 56 : 32, 1, 0, 0, 0].map(writer.half),
  ];
  const load = [writer.address(0), writer.address(BASE), writer.address(BASE)];
  const sizes = [writer.address(length), writer.address(length)];
  const readAndRun = writer.word(5);
  const segment = wide
    ? [writer.word(1), readAndRun, ...load, ...sizes, writer.address(BASE)]
    : [writer.word(1), ...load, ...sizes, readAndRun, writer.address(BASE)];
  return Buffer.concat([ident, ...header, ...segment, code]);
}

/** e_flags: the EABI's version 5 for ARM, the ELF ABI's version 2 for ppc64le. */
function abiFlags(architecture: string): number {
  if (architecture === "arm") return 0x5000000;
  return architecture === "ppc64le" ? 2 : 0;
}

function fieldWriter(littleEndian: boolean, wide: boolean) {
  const bytes = (length: number) => (value: number) => {
    const buffer = Buffer.alloc(length);
    // Every value here fits 48 bits; the upper half of a 64-bit field stays 0.
    const size = Math.min(length, 4);
    if (littleEndian) buffer.writeUIntLE(value, 0, size);
    else buffer.writeUIntBE(value, length - size, size);
    return buffer;
  };
  return { half: bytes(2), word: bytes(4), address: bytes(wide ? 8 : 4) };
}

/** A tar archive with the program as its one file. */
function probeArchive(processor: Processor): Buffer {
  const program = probeProgram(processor);
  const header = Buffer.alloc(BLOCK);
  header.write(PROBE_PROGRAM.slice(1), 0, "latin1");
  const octal = (value: number, length: number) => value.toString(8).padStart(length - 1, "0");
  header.write(octal(0o755, 8), 100, "latin1");
  header.write(octal(0, 8), 108, "latin1");
  header.write(octal(0, 8), 116, "latin1");
  header.write(octal(program.byteLength, 12), 124, "latin1");
  header.write(octal(0, 12), 136, "latin1");
  header.fill(" ", 148, 156);
  header.write("0", 156, "latin1");
  header.write("ustar\u000000", 257, "latin1");
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\u0000 `, 148, "latin1");
  const content = Buffer.alloc(BLOCK);
  program.copy(content);
  return Buffer.concat([header, content, Buffer.alloc(2 * BLOCK)]);
}

/**
 * Shell text that imports the program as an image and prints its ID. The archive is written as octal escapes: what is
 * not text could not be handed over otherwise, and every shell's printf knows them.
 */
export function probeImport(processor: Processor): string {
  const escaped = [...probeArchive(processor)]
    .map((byte) => `\\${byte.toString(8).padStart(3, "0")}`)
    .join("");
  return `printf '${escaped}' | docker import -`;
}

/** What the end of a run of the program says. `unknown`: it is not the emulation that failed. */
export function readProbe(
  status: number | null,
  output: string,
): "runs" | "no-interpreter" | "no-emulator" | "unknown" {
  if (status === 0) return "runs";
  if (/exec format error/i.test(output)) return "no-emulator";
  return /no such file or directory/i.test(output) ? "no-interpreter" : "unknown";
}
