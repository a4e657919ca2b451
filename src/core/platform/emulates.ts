// Which foreign platforms the kernel emulates, by the names of its binfmt_misc registrations; unknown names count for nothing.
import type { Platform } from "../model/platform.ts";

const INTERPRETERS: Readonly<Record<string, readonly (readonly [string, string | null])[]>> = {
  "qemu-aarch64": [["arm64", null]],
  "qemu-arm": [
    ["arm", "v7"],
    ["arm", "v6"],
    ["arm", "v5"],
  ],
  "qemu-x86_64": [["amd64", null]],
  "qemu-i386": [["386", null]],
  "qemu-riscv64": [["riscv64", null]],
  "qemu-ppc64le": [["ppc64le", null]],
  "qemu-s390x": [["s390x", null]],
  rosetta: [["amd64", null]],
};

/**
 * Platforms that the registered interpreters stand in for, in the order of the table and without what runs natively.
 * `names` are binfmt_misc entries such as `qemu-arm`.
 */
export function emulatedPlatforms(
  names: readonly string[],
  native: readonly Platform[],
): readonly Platform[] {
  const found: Platform[] = [];
  const has = (list: readonly Platform[], architecture: string, variant: string | null) =>
    list.some((one) => one.architecture === architecture && one.variant === variant);
  for (const [name, platforms] of Object.entries(INTERPRETERS)) {
    if (!names.includes(name)) continue;
    for (const [architecture, variant] of platforms) {
      if (has(native, architecture, variant) || has(found, architecture, variant)) continue;
      found.push({ os: "linux", architecture, variant });
    }
  }
  return found;
}
