// Registrations and findings for the tests of the emulators' pure parts.
import { parsePlatform } from "../../../src/core/image/index.ts";
import type { Readiness } from "../../../src/pipeline/emulators/kernel.ts";
import type { Finding } from "../../../src/pipeline/emulators/needs.ts";
import { type Processor, processorOf } from "../../../src/pipeline/emulators/processors.ts";
import type { BinfmtEntry } from "../../../src/ports/index.ts";

export const ARM_MAGIC = "7f454c4601010100000000000000000002002800";

export function entry(changes: Partial<BinfmtEntry> = {}): BinfmtEntry {
  const interpreter = "/usr/bin/qemu-arm";
  return { name: "qemu-arm", enabled: true, interpreter, flags: "CF", magic: ARM_MAGIC, ...changes };
}

export function processor(platform: string): Processor {
  const found = processorOf(parsePlatform(platform));
  if (found === null) throw new Error(`no emulator for ${platform}`);
  return found;
}

export const missing: Readiness = { kind: "missing", taken: null };

export function finding(platform: string, readiness: Readiness = missing): Finding {
  return {
    need: { processor: processor(platform), platforms: [platform], maybeNative: false },
    readiness,
  };
}
