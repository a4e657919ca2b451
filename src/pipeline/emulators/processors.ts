// The processors that QEMU stands in for: what its interpreter is called, and how a program for it is recognised.
import type { Platform } from "../../core/model/index.ts";

export interface Processor {
  /** OCI's word, which `tonistiigi/binfmt --install` takes too. */
  readonly architecture: string;
  /** The interpreter, and the name under which Debian, systemd and the three images register it. */
  readonly emulator: string;
  /** How an ELF header of it reads (e_ident, e_machine). */
  readonly bits: 32 | 64;
  readonly littleEndian: boolean;
  readonly machine: number;
  /** Machine code of a program that ends with status 0, hexadecimal, as it stands in memory. */
  readonly exit: string;
}

/** Machine code: `exit(0)` by Linux's system call of that processor. */
const PROCESSORS: readonly Processor[] = [
  little("arm", "qemu-arm", 32, 0x28, "0000a0e3 0170a0e3 000000ef"),
  little("arm64", "qemu-aarch64", 64, 0xb7, "000080d2 a80b80d2 010000d4"),
  little("amd64", "qemu-x86_64", 64, 0x3e, "b83c000000 31ff 0f05"),
  little("386", "qemu-i386", 32, 0x03, "31db b801000000 cd80"),
  little("riscv64", "qemu-riscv64", 64, 0xf3, "13050000 9308d005 73000000"),
  little("ppc64le", "qemu-ppc64le", 64, 0x15, "01000038 00006038 02000044"),
  { ...little("s390x", "qemu-s390x", 64, 0x16, "a7290000 0a01"), littleEndian: false },
];

function little(
  architecture: string,
  emulator: string,
  bits: 32 | 64,
  machine: number,
  exit: string,
): Processor {
  return { architecture, emulator, bits, littleEndian: true, machine, exit: exit.replaceAll(" ", "") };
}

/** Null for what QEMU's user mode, or Boardhand, does not know. All variants of 32-bit ARM are one processor to QEMU. */
export function processorOf(platform: Platform): Processor | null {
  if (platform.os !== "linux") return null;
  return PROCESSORS.find(({ architecture }) => architecture === platform.architecture) ?? null;
}

/**
 * Whether an engine of architecture `engine` runs programs for `architecture` by itself. `maybe` is a question of the
 * very processor or kernel: not every arm64 has 32-bit ARM, and a 32-bit engine may stand on a 64-bit kernel.
 */
export function runsByItself(engine: string, architecture: string): "yes" | "maybe" | "no" {
  if (engine === architecture || (engine === "amd64" && architecture === "386")) return "yes";
  const pair = `${engine} ${architecture}`;
  return ["arm64 arm", "arm arm64", "386 amd64"].includes(pair) ? "maybe" : "no";
}
