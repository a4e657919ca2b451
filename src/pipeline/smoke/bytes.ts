// Reads numbers and texts at offsets that a hostile file may have chosen: outside of the bytes there is nothing.

export interface ByteReader {
  readonly length: number;
  /** Unsigned, 1, 2, 4 or 8 bytes; null outside, or above what a number can hold exactly. */
  number(offset: number, size: 1 | 2 | 4 | 8): number | null;
  /** Up to the first zero byte or `end`, as Latin-1; null where it begins outside or has no end. */
  text(offset: number, end: number): string | null;
  /** Null where any of it is outside. */
  slice(offset: number, length: number): Uint8Array | null;
}

export function byteReader(bytes: Uint8Array, littleEndian: boolean): ByteReader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const inside = (offset: number, length: number): boolean =>
    Number.isSafeInteger(offset) && offset >= 0 && length >= 0 && offset + length <= bytes.byteLength;
  return {
    length: bytes.byteLength,
    number(offset, size) {
      if (!inside(offset, size)) return null;
      if (size === 1) return view.getUint8(offset);
      if (size === 2) return view.getUint16(offset, littleEndian);
      if (size === 4) return view.getUint32(offset, littleEndian);
      const value = view.getBigUint64(offset, littleEndian);
      return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : null;
    },
    text(offset, end) {
      const last = Math.min(end, bytes.byteLength);
      if (!inside(offset, 0) || offset >= last) return null;
      const stop = bytes.subarray(offset, last).indexOf(0);
      return stop === -1 ? null : latin1(bytes.subarray(offset, offset + stop));
    },
    slice: (offset, length) => (inside(offset, length) ? bytes.subarray(offset, offset + length) : null),
  };
}

export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
