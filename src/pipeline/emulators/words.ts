// What people read about emulators: what there is, and how something missing is registered. Names from the kernel are made harmless.
import type { Readiness } from "./kernel.ts";
import type { Finding } from "./needs.ts";
import type { Processor } from "./processors.ts";

const SHOWN_MAX = 200;

/** Without control characters, and cut: names and paths of binfmt_misc may hold anything. */
export function shown(text: string): string {
  const harmless = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "?");
  return harmless.length > SHOWN_MAX ? `${harmless.slice(0, SHOWN_MAX)}…` : harmless;
}

/** How the emulators of `processors` are registered by hand. */
export function adviceFor(processors: readonly Processor[]): string {
  const enable = processors.map(({ emulator }) => `update-binfmts --enable ${emulator}`).join(" && ");
  const words = processors.map(({ architecture }) => architecture).join(",");
  return (
    `On Debian and Ubuntu: apt-get install qemu-user-static binfmt-support, then ${enable}. ` +
    `Anywhere: docker run --privileged --rm tonistiigi/binfmt --install ${words}`
  );
}

/** One line for each processor that is needed: platforms, emulator, what there is. */
export function renderFindings(findings: readonly Finding[]): readonly string[] {
  const platforms = findings.map(({ need }) => need.platforms.join(" "));
  const emulators = findings.map(({ need }) => need.processor.emulator);
  const [first, second] = [platforms, emulators].map((column) =>
    Math.max(0, ...column.map(({ length }) => length)),
  );
  return findings.map(({ readiness }, index) =>
    [
      (platforms[index] ?? "").padEnd(first ?? 0),
      (emulators[index] ?? "").padEnd(second ?? 0),
      describe(readiness),
    ].join("  "),
  );
}

function describe(readiness: Readiness): string {
  switch (readiness.kind) {
    case "native":
      return "not needed: this processor runs it";
    case "ready":
      return readiness.interpreter === null
        ? "registered"
        : `registered with the F flag: ${shown(readiness.interpreter)}`;
    case "conditional":
      return readiness.interpreter === null
        ? "registered without the F flag"
        : `registered without the F flag: ${shown(readiness.interpreter)}`;
    case "missing":
      return missing(readiness.taken);
  }
}

function missing(taken: { readonly enabled: boolean } | null): string {
  if (taken === null) return "not registered";
  return taken.enabled
    ? "not registered: its name is taken by another entry"
    : "registered, but switched off";
}

/** Null when every image of the platforms will run. */
export function warningOf({ need, readiness }: Finding): string | null {
  if (readiness.kind !== "conditional") return null;
  const where =
    readiness.interpreter === null ? "the interpreter of that entry" : shown(readiness.interpreter);
  return (
    `${need.processor.emulator} is registered without the F flag: images for ${need.platforms.join(", ")} ` +
    `run only when they hold ${where}, as a static program; other images fail with "no such file or directory"`
  );
}
