// What a processor is called and which images run on it, by containerd's rules (platforms: compare.go, database.go).
import { BoardhandError } from "../model/error.ts";
import type { Platform } from "../model/platform.ts";

const ARCHITECTURES: Readonly<Record<string, { readonly architecture: string; readonly variant?: string }>> =
  {
    aarch64: { architecture: "arm64" },
    arm64: { architecture: "arm64" },
    armhf: { architecture: "arm", variant: "v7" },
    armel: { architecture: "arm", variant: "v6" },
    i386: { architecture: "386" },
    i486: { architecture: "386" },
    i586: { architecture: "386" },
    i686: { architecture: "386" },
    x86_64: { architecture: "amd64" },
    "x86-64": { architecture: "amd64" },
  };

const OSES: Readonly<Record<string, string>> = { macos: "darwin" };
const ARM_VARIANTS: readonly string[] = ["v8", "v7", "v6", "v5"];

function normalizeVariant(architecture: string, variant: string): string | null {
  const named = /^\d/.test(variant) ? `v${variant}` : variant;
  if (architecture === "arm") return named === "" ? "v7" : named;
  if (architecture === "arm64" && (named === "v8" || named === "v8.0")) return null;
  if (architecture === "amd64" && named === "v1") return null;
  return named === "" ? null : named;
}

/** One spelling for each platform: `aarch64/v8` is `arm64`, `armhf` is `arm/v7`, `arm` without a variant is `arm/v7`. */
export function normalizePlatform(os: string, architecture: string, variant: string | null): Platform {
  const lower = architecture.toLowerCase();
  const known = ARCHITECTURES[lower];
  const word = known?.architecture ?? lower;
  const given = known?.variant ?? variant?.toLowerCase() ?? "";
  const system = os.toLowerCase();
  return {
    os: OSES[system] ?? system,
    architecture: word,
    variant: normalizeVariant(word, given),
  };
}

/** `linux/arm/v7`, `linux/amd64`, `arm64`; throws BoardhandError E_COMPOSE. */
export function parsePlatform(text: string): Platform {
  const parts = text.split("/");
  const usable =
    text.length <= 64 && parts.length <= 3 && parts.every((part) => /^[A-Za-z0-9_.-]+$/.test(part));
  const [first = "", second, third] = parts;
  if (!usable) {
    throw new BoardhandError("E_COMPOSE", `"${text.slice(0, 64)}" is not a platform`, {
      hint: "Write it as OS/ARCHITECTURE or OS/ARCHITECTURE/VARIANT, such as linux/arm/v7.",
    });
  }
  if (second === undefined) {
    return first.toLowerCase() === "linux" ? refuseBareOs(first) : normalizePlatform("linux", first, null);
  }
  return normalizePlatform(first, second, third ?? null);
}

function refuseBareOs(os: string): never {
  throw new BoardhandError("E_COMPOSE", `"${os}" names no processor`, {
    hint: "Write it as linux/amd64, linux/arm64 or linux/arm/v7.",
  });
}

function armVector(platform: Platform): Platform[] {
  const from = ARM_VARIANTS.indexOf(platform.variant ?? "v7");
  if (from === -1) return [platform];
  return ARM_VARIANTS.slice(from).map((variant) => ({ ...platform, architecture: "arm", variant }));
}

/** `v9.5` → `[9, 5]`; null for what is not a version. */
function arm64Version(variant: string | null): readonly [number, number] | null {
  const match = /^v([89])(?:\.(\d{1,2}))?$/.exec(variant ?? "v8");
  return match === null ? null : [Number(match[1]), Number(match[2] ?? "0")];
}

/** Newest first down to v8; v9.x is v8.(x+5) and more (containerd `arm64 variant` table). */
function arm64Vector(platform: Platform): Platform[] {
  const version = arm64Version(platform.variant);
  if (version === null) return [platform];
  const [major, minor] = version;
  const names: string[] = [];
  if (major === 9) for (let n = minor; n >= 0; n--) names.push(n === 0 ? "v9" : `v9.${n}`);
  const below = major === 9 ? Math.min(minor + 5, 9) : minor;
  for (let n = below; n > 0; n--) names.push(`v8.${n}`);
  const named = names.map((variant) => ({ ...platform, variant }));
  return [...named, { ...platform, variant: null }];
}

function amd64Vector(platform: Platform): Platform[] {
  const version = /^v([2-9])$/.exec(platform.variant ?? "");
  const levels: Platform[] = [];
  for (let n = version === null ? 1 : Number(version[1]); n > 1; n--)
    levels.push({ ...platform, variant: `v${n}` });
  return [...levels, { ...platform, variant: null }, { os: platform.os, architecture: "386", variant: null }];
}

/**
 * The platforms whose images run where `platform` is the processor, best first (containerd `Only`).
 * An arm64 processor gets 32-bit ARM only where `runs32Bit` says that this kernel and processor do.
 */
export function platformVector(
  platform: Platform,
  options: { readonly runs32Bit: boolean } = { runs32Bit: false },
): readonly Platform[] {
  switch (platform.architecture) {
    case "arm":
      return armVector(platform);
    case "arm64":
      return options.runs32Bit
        ? [...arm64Vector(platform), ...armVector({ os: platform.os, architecture: "arm", variant: "v8" })]
        : arm64Vector(platform);
    case "amd64":
      return amd64Vector(platform);
    default:
      return [platform];
  }
}

export function samePlatform(a: Platform, b: Platform): boolean {
  return a.os === b.os && a.architecture === b.architecture && a.variant === b.variant;
}

/** Position of `platform` in a match vector, -1 when images for it do not run there. */
export function rankPlatform(platform: Platform, accepts: readonly Platform[]): number {
  return accepts.findIndex((accepted) => samePlatform(accepted, platform));
}
