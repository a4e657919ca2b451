// The processor that QEMU stands in for. By itself it is the newest one, on which everything runs; the promise of an
// image is about the oldest. QEMU reads the model from QEMU_CPU; where nothing emulates, nobody reads it.
import type { Platform } from "../../core/model/index.ts";

const MODELS: Readonly<Record<string, string>> = {
  "arm/v5": "arm926",
  // Raspberry Pi 1 and Zero.
  "arm/v6": "arm1176",
  // No division in hardware, as the first of them.
  "arm/v7": "cortex-a9",
  // Raspberry Pi 3, Pine64: ARMv8.0 and nothing more.
  arm64: "cortex-a53",
};

/** Null where QEMU's own choice is as good as any. */
export function qemuCpuFor({ architecture, variant }: Platform): string | null {
  return MODELS[variant === null ? architecture : `${architecture}/${variant}`] ?? null;
}
