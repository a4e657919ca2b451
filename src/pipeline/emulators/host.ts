// The host's own tools for binfmt_misc: Debian's binfmt-support, and systemd-binfmt where that is all there is.
import type { Finding } from "./needs.ts";

/** What the host has. */
export interface HostTools {
  /** Emulators that `update-binfmts` knows; null without that program. */
  readonly updateBinfmts: readonly string[] | null;
  /** By emulator, the file of binfmt.d that registers it; null without systemd-binfmt. */
  readonly systemd: { readonly command: string; readonly files: Readonly<Record<string, string>> } | null;
}

const FILE_HEADER = /^# (\/[\w.@+/-]+\.conf)$/;
const MAX_LINES = 5_000;

/**
 * Which file registers which of `emulators`, from what `systemd-binfmt --cat-config` prints: before each file a line
 * with its path, then rules `:NAME:M:…` whose first character separates (binfmt.d(5)). Of two files the later counts.
 */
export function readBinfmtConfig(
  text: string,
  emulators: readonly string[],
): Readonly<Record<string, string>> {
  const files: Record<string, string> = {};
  let file: string | null = null;
  for (const line of text.split("\n").slice(0, MAX_LINES)) {
    const header = FILE_HEADER.exec(line)?.[1];
    if (header !== undefined) file = header;
    const name = emulators.find((one) => isRuleFor(line, one));
    if (name !== undefined && file !== null) files[name] = file;
  }
  return files;
}

function isRuleFor(line: string, emulator: string): boolean {
  const separator = line.charAt(0);
  return separator !== "#" && line.startsWith(`${separator}${emulator}${separator}M${separator}`);
}

/**
 * The commands that register what is missing, and only that; null when the tools do not know all of it.
 * systemd-binfmt is given the file: without one it would first drop every entry of the machine.
 */
export function hostCommands(
  tools: HostTools,
  missing: readonly Finding[],
): readonly (readonly string[])[] | null {
  const wanted = missing.map(({ need }) => need.processor.emulator);
  if (tools.updateBinfmts !== null && wanted.every((name) => tools.updateBinfmts?.includes(name))) {
    return missing.flatMap(({ need, readiness }) => {
      const { emulator } = need.processor;
      const enable = ["update-binfmts", "--enable", emulator];
      // It takes an entry that is switched off for one that works, and leaves it so.
      const isTaken = readiness.kind === "missing" && readiness.taken !== null;
      return isTaken ? [["update-binfmts", "--disable", emulator], enable] : [enable];
    });
  }
  if (tools.systemd === null) return null;
  const { command, files } = tools.systemd;
  const paths = wanted.map((name) => files[name]);
  if (!paths.every((path) => path !== undefined)) return null;
  return [[command, ...new Set(paths)]];
}
