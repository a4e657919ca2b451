// Which 32-bit ARM processor a Go program was built for: Go's linker writes no ARM attributes, but the settings of the
// build (debug/buildinfo of Go 1.18 and later). What cannot be read is not guessed.
import type { ArmBuild } from "./arm-attributes.ts";
import { latin1 } from "./bytes.ts";
import { elfSection } from "./elf.ts";

const MAGIC = "\xff Go buildinf:";
const MAX_SETTINGS_BYTES = 1024 * 1024;

/** `bytes` is a whole ELF file; null where it is no Go program, or an older one. */
export function readGoBuild(bytes: Uint8Array): ArmBuild | null {
  const section = elfSection(bytes, ".go.buildinfo");
  if (section === null) return null;
  const text = latin1(section.subarray(0, MAX_SETTINGS_BYTES));
  if (!text.startsWith(MAGIC)) return null;
  // `GOARM=7`, since Go 1.22 also `7,softfloat`; 6 and 7 mean floating point registers, yet not those of the hard ABI.
  const level = /\tGOARM=([567])(?:,(?:soft|hard)float)?\n/.exec(text)?.[1];
  return level === undefined ? null : { name: `v${level} (GOARM)`, level: Number(level), hardFloat: false };
}
