// What an ELF file says of itself (gABI, chapters 4 and 5): processor, word size, loader, sections. Reads hostile bytes.
import { type ByteReader, byteReader } from "./bytes.ts";

const MAGIC = 0x7f454c46;
const MAX_SEGMENTS = 128;
const MAX_SECTIONS = 4096;
const MAX_PATH_BYTES = 4096;
const PT_INTERP = 3;

export interface ElfHeader {
  /** Of an address: 32 or 64. */
  readonly bits: 32 | 64;
  readonly littleEndian: boolean;
  /** `e_machine`. */
  readonly machine: number;
  /** `e_flags`; its meaning is the processor's. */
  readonly flags: number;
  /** Path of the dynamic loader; null without one, or where it lies outside of the bytes given. */
  readonly loader: string | null;
}

/** A table of equal records. */
interface Table {
  readonly offset: number;
  readonly entrySize: number;
  readonly count: number;
}

/** The header of an ELF file of which at least the beginning is given; null for anything else. */
export function readElf(bytes: Uint8Array): ElfHeader | null {
  const opened = open(bytes);
  if (opened === null) return null;
  const { reader, bits, littleEndian } = opened;
  const machine = reader.number(18, 2);
  const flags = reader.number(bits === 64 ? 48 : 36, 4);
  if (machine === null || flags === null) return null;
  return { bits, littleEndian, machine, flags, loader: loaderOf(reader, bits) };
}

/** The bytes of the section of this name; the whole file must be given, since the table is at its end. */
export function elfSection(bytes: Uint8Array, name: string): Uint8Array | null {
  const opened = open(bytes);
  if (opened === null) return null;
  const { reader, bits } = opened;
  const table = tableAt(reader, bits === 64 ? [40, 8, 58, 60] : [32, 4, 46, 48], bits === 64 ? 64 : 40);
  const namesIndex = reader.number(bits === 64 ? 62 : 50, 2);
  if (table === null || namesIndex === null || namesIndex >= table.count) return null;
  const names = sectionAt(reader, bits, table, namesIndex);
  if (names === null) return null;
  for (let index = 0; index < Math.min(table.count, MAX_SECTIONS); index++) {
    const section = sectionAt(reader, bits, table, index);
    if (section === null) continue;
    const title = reader.text(names.offset + section.name, names.offset + names.size);
    if (title === name) return reader.slice(section.offset, section.size);
  }
  return null;
}

function open(bytes: Uint8Array): { reader: ByteReader; bits: 32 | 64; littleEndian: boolean } | null {
  const plain = byteReader(bytes, true);
  if (byteReader(bytes, false).number(0, 4) !== MAGIC) return null;
  const fileClass = plain.number(4, 1);
  const data = plain.number(5, 1);
  if ((fileClass !== 1 && fileClass !== 2) || (data !== 1 && data !== 2)) return null;
  const littleEndian = data === 1;
  return { reader: byteReader(bytes, littleEndian), bits: fileClass === 1 ? 32 : 64, littleEndian };
}

/** `places`: of the table's offset, of how many bytes that is, of the size of an entry, of how many there are. */
function tableAt(
  reader: ByteReader,
  places: readonly [number, 4 | 8, number, number],
  smallestEntry: number,
): Table | null {
  const offset = reader.number(places[0], places[1]);
  const entrySize = reader.number(places[2], 2);
  const count = reader.number(places[3], 2);
  if (offset === null || entrySize === null || count === null) return null;
  return offset === 0 || entrySize < smallestEntry ? null : { offset, entrySize, count };
}

function sectionAt(
  reader: ByteReader,
  bits: 32 | 64,
  table: Table,
  index: number,
): { readonly name: number; readonly offset: number; readonly size: number } | null {
  const start = table.offset + index * table.entrySize;
  const name = reader.number(start, 4);
  const offset = bits === 64 ? reader.number(start + 24, 8) : reader.number(start + 16, 4);
  const size = bits === 64 ? reader.number(start + 32, 8) : reader.number(start + 20, 4);
  return name === null || offset === null || size === null ? null : { name, offset, size };
}

function loaderOf(reader: ByteReader, bits: 32 | 64): string | null {
  const table = tableAt(reader, bits === 64 ? [32, 8, 54, 56] : [28, 4, 42, 44], bits === 64 ? 56 : 32);
  if (table === null) return null;
  for (let index = 0; index < Math.min(table.count, MAX_SEGMENTS); index++) {
    const start = table.offset + index * table.entrySize;
    if (reader.number(start, 4) !== PT_INTERP) continue;
    const offset = bits === 64 ? reader.number(start + 8, 8) : reader.number(start + 4, 4);
    return offset === null ? null : reader.text(offset, offset + MAX_PATH_BYTES);
  }
  return null;
}
