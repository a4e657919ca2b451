// The virtual boards there are, what each is made of, and what a real one of its kind says about itself.
import { debootstrap, emulation, engine } from "../../../deploy/dev/lib/packages.mjs";

/** `pi-mixed` is a 32-bit Raspberry Pi OS on a 64-bit kernel. @typedef {"pine64" | "pi" | "pi-mixed"} BoardKind */
/** Debian's word. @typedef {"arm64" | "armhf"} BoardArch */

/**
 * @typedef {object} Board
 * @property {BoardArch} userland  whose programs and engine it runs
 * @property {BoardArch} kernel
 * @property {"aarch64" | "armhf"} image  the row of config/pipeline.yml that is for it
 * @property {{ os: string, architecture: string, variant: string | null }} platform  what the agent must find
 * @property {{ arch: string, machine: string }} says  `/version` and `/info` of its engine
 */

/** @type {Readonly<Record<BoardKind, Board>>} */
export const boards = {
  pine64: {
    userland: "arm64",
    kernel: "arm64",
    image: "aarch64",
    platform: { os: "linux", architecture: "arm64", variant: null },
    says: { arch: "arm64", machine: "aarch64" },
  },
  pi: {
    userland: "armhf",
    kernel: "armhf",
    image: "armhf",
    platform: { os: "linux", architecture: "arm", variant: "v7" },
    says: { arch: "arm", machine: "armv7l" },
  },
  "pi-mixed": {
    userland: "armhf",
    kernel: "arm64",
    image: "armhf",
    platform: { os: "linux", architecture: "arm", variant: "v7" },
    says: { arch: "arm", machine: "aarch64" },
  },
};

/** @type {Readonly<Record<BoardArch, { package: string, qemu: string, cpu: string }>>} */
export const kernels = {
  arm64: { package: "linux-image-arm64", qemu: "qemu-system-aarch64", cpu: "cortex-a53" },
  armhf: { package: "linux-image-armmp-lpae", qemu: "qemu-system-arm", cpu: "cortex-a15" },
};

/** What a machine needs to make and start boards. @type {readonly import("../../../deploy/dev/lib/packages.mjs").Program[]} */
export const boardNeeds = [
  ...debootstrap,
  "qemu-system-aarch64",
  "qemu-img",
  "depmod",
  "mkfs.ext4",
  "cpio",
  "setpriv",
];

/** And to build the agent's own images and serve them. @type {typeof boardNeeds} */
export const boardTestNeeds = [...boardNeeds, ...engine, ...emulation, "docker-registry", "nginx"];

/**
 * The kinds that are named, or all of them.
 * @param {string} words  such as `pine64,pi`
 * @returns {readonly BoardKind[]}
 * @throws {Error} for a word that names none
 */
export function kindsOf(words) {
  const named = words.split(/[\s,]+/).filter((word) => word !== "");
  const known = /** @type {BoardKind[]} */ (Object.keys(boards));
  const wrong = named.filter((word) => known.every((kind) => kind !== word));
  if (wrong.length > 0) throw new Error(`BOARD=${wrong.join(",")} is none of ${known.join(", ")}`);
  return named.length === 0 ? known : known.filter((kind) => named.includes(kind));
}
