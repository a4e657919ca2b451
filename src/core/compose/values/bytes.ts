// Byte sizes as compose writes them: powers of 1024, whatever the unit's spelling.
import { parseFloatText } from "./number-text.ts";

const SIZE = /^([^ ]*?) ?(?:([kmgtp])(?:i?b)?|b)?$/i;
const UNITS = ["", "k", "m", "g", "t", "p"];

/** `64m`, `1.5GiB`, `.5 g`, `1024` in bytes; null when it is not a size. */
export function parseBytes(text: string): number | null {
  const parts = SIZE.exec(text);
  const number = parts === null ? null : parseFloatText(parts[1] ?? "");
  if (parts === null || number === null || number < 0) return null;
  const bytes = Math.floor(number * 1024 ** UNITS.indexOf((parts[2] ?? "").toLowerCase()));
  return Number.isSafeInteger(bytes) ? bytes : null;
}
