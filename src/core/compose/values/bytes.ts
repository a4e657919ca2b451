// Byte sizes as compose writes them: powers of 1024, whatever the unit's spelling.

const SIZE = /^(\d+(?:\.\d+)?) ?([kmgtp]?)i?b?$/i;
const UNITS = ["", "k", "m", "g", "t", "p"];

/** `64m`, `1.5GiB`, `1024` in bytes; null when it is not a size. */
export function parseBytes(text: string): number | null {
  const parts = SIZE.exec(text.trim());
  if (parts === null) return null;
  const bytes = Math.floor(Number(parts[1]) * 1024 ** UNITS.indexOf((parts[2] ?? "").toLowerCase()));
  return Number.isSafeInteger(bytes) ? bytes : null;
}
