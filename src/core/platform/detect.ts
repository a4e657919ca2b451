// Which platform the board is and which images run on it. The engine's bitness decides between arm and arm64, never
// `uname -m`; the kernel's word decides the variant; the configuration overrides both.
import { normalizePlatform, parsePlatform, platformVector, samePlatform } from "../image/index.ts";
import type { BoardPlatform, EngineFacts } from "../model/engine.ts";
import { BoardhandError } from "../model/error.ts";
import { formatPlatform, type Platform } from "../model/platform.ts";
import { emulatedPlatforms } from "./emulates.ts";

export interface PlatformInput {
  readonly facts: EngineFacts;
  /** `model name` of /proc/cpuinfo; null where there is none (arm64 kernels have none). */
  readonly cpuModel: string | null;
  /** Names of enabled binfmt_misc interpreters. */
  readonly emulators: readonly string[];
  /** `auto`, or a platform such as `linux/arm/v6`. */
  readonly configured: string;
}

interface Found {
  readonly platform: Platform;
  readonly accepts: readonly Platform[];
  readonly because: string;
}

/**
 * The board's platform, what it accepts and what it emulates (facts.md section 3).
 * Throws BoardhandError E_CONFIG when `configured` is neither `auto` nor a platform.
 */
export function detectPlatform(input: PlatformInput): BoardPlatform {
  const found = input.configured === "auto" ? fromEngine(input.facts, input.cpuModel) : configured(input);
  return { ...found, emulates: emulatedPlatforms(input.emulators, found.accepts) };
}

/** A configured platform is believed, even where the engine says otherwise: that is what it is for. */
function configured(input: PlatformInput): Found {
  const platform = parseConfigured(input.configured);
  const engine = fromEngine(input.facts, input.cpuModel).platform;
  const differs = samePlatform(engine, platform)
    ? ""
    : `; the engine itself would be ${formatPlatform(engine)}`;
  return {
    platform,
    accepts: platformVector(platform),
    because: `The configuration says platform: ${input.configured}${differs}.`,
  };
}

function parseConfigured(text: string): Platform {
  try {
    return parsePlatform(text);
  } catch (cause) {
    throw new BoardhandError("E_CONFIG", `platform: "${text.slice(0, 64)}" is not a platform`, {
      cause,
      hint: "Write auto, or OS/ARCHITECTURE[/VARIANT] such as linux/arm/v6.",
    });
  }
}

function fromEngine(facts: EngineFacts, cpuModel: string | null): Found {
  const engine = normalizePlatform(facts.os === "" ? "linux" : facts.os, facts.arch, null);
  if (engine.architecture === "arm") return arm(facts, cpuModel);
  // The pages of a Pi 5 kernel are too large for 32-bit ARM, so an arm64 board takes it only when configured.
  return {
    platform: engine,
    accepts: platformVector(engine),
    because: `The engine says ${facts.arch}, its kernel ${facts.kernelArchitecture}.`,
  };
}

function arm(facts: EngineFacts, cpuModel: string | null): Found {
  const { variant, why } = armVariant(facts.kernelArchitecture, cpuModel);
  if (variant !== "v8") {
    const platform: Platform = { os: "linux", architecture: "arm", variant };
    return {
      platform,
      accepts: platformVector(platform),
      because: `The engine is a 32-bit ARM program ${why}.`,
    };
  }
  // Shown as v7 and preferring v7: `arm/v8` in a list is mostly a mislabelled 64-bit image, and no 32-bit engine runs one.
  const platform: Platform = { os: "linux", architecture: "arm", variant: "v7" };
  const others = platformVector({ ...platform, variant: "v8" }).filter((one) => !samePlatform(one, platform));
  return {
    platform,
    accepts: [platform, ...others],
    because: `The engine is a 32-bit ARM program ${why}, so 64-bit images cannot run.`,
  };
}

/** The engine tells no variant; the kernel's machine name does, and the processor's name where that is vague. */
function armVariant(kernel: string, cpuModel: string | null): { variant: string; why: string } {
  const machine = kernel.toLowerCase();
  // A Pi Zero's cpuinfo says `CPU architecture: 7`; only the model name is honest.
  if (cpuModel?.startsWith("ARMv6-compatible") === true) {
    return { variant: "v6", why: `on a processor that calls itself ${cpuModel.slice(0, 80)}` };
  }
  if (/^(aarch64|arm64|armv8)/.test(machine)) return { variant: "v8", why: `on a 64-bit kernel (${kernel})` };
  const named = /^armv([567])/.exec(machine);
  if (named !== null) return { variant: `v${named[1]}`, why: `on an ${kernel} kernel` };
  return { variant: "v7", why: `on a kernel that names no variant (${kernel})` };
}
