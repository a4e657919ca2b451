// One file of binfmt_misc as an entry. An interpreter's path may hold a line end and so forge lines: each may be there once.
import type { BinfmtEntry } from "../../ports/index.ts";

/**
 * What the kernel writes (fs/binfmt_misc.c, entry_status): `enabled` or `disabled`, then `interpreter PATH`,
 * `flags: PF`, and `extension .EXT` or `offset N`, `magic HEX`, `mask HEX`. Null for anything else.
 * A magic that is not at the beginning of the file is none of a program's, and left out.
 */
export function parseEntry(name: string, text: string): BinfmtEntry | null {
  const [state, ...lines] = text.split("\n");
  if (state !== "enabled" && state !== "disabled") return null;
  const interpreter = only(lines, "interpreter ");
  const flags = only(lines, "flags: ");
  if (interpreter === null || interpreter === "" || flags === null || !/^[A-Z]*$/.test(flags)) return null;
  const magic = only(lines, "magic ");
  const usable = magic !== null && /^(?:[0-9a-f]{2})+$/.test(magic) && only(lines, "offset ") === "0";
  return { name, enabled: state === "enabled", interpreter, flags, magic: usable ? magic : null };
}

/** The rest of the one line that begins so; null when there is none, or more than one. */
function only(lines: readonly string[], prefix: string): string | null {
  const found = lines.filter((line) => line.startsWith(prefix));
  return found.length === 1 ? (found[0]?.slice(prefix.length) ?? null) : null;
}
