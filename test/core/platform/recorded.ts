// What engines answer to /version and /info, reduced to the fields that decide (facts.md section 3.3).
import type { EngineFacts } from "../../../src/core/model/index.ts";

export interface Recorded {
  readonly board: string;
  readonly version: string;
  readonly apiVersion: string;
  /** /version Arch. */
  readonly arch: string;
  /** /info Architecture. */
  readonly kernel: string;
  readonly cpuModel?: string;
  readonly product?: "podman";
  readonly platform: string;
  readonly accepts: readonly string[];
}

const V7 = ["linux/arm/v7", "linux/arm/v6", "linux/arm/v5"];
const V6 = ["linux/arm/v6", "linux/arm/v5"];
const ON_64 = ["linux/arm/v7", "linux/arm/v8", "linux/arm/v6", "linux/arm/v5"];
const ARM64 = ["linux/arm64"];
const X86 = ["linux/amd64", "linux/386"];
const CORTEX = "ARMv7 Processor rev 4 (v7l)";
const ARM1176 = "ARMv6-compatible processor rev 7 (v6l)";

export const RECORDED: readonly Recorded[] = [
  one("Pine64, bookworm docker.io", "20.10.24+dfsg1", "1.41", "arm64", "aarch64", "linux/arm64", ARM64),
  one("Raspberry Pi OS 64", "23.0.6", "1.42", "arm64", "aarch64", "linux/arm64", ARM64),
  one("Raspberry Pi 5", "28.5.2", "1.51", "arm64", "aarch64", "linux/arm64", ARM64),
  one("Raspberry Pi 4, newest engine", "29.7.2", "1.55", "arm64", "aarch64", "linux/arm64", ARM64),
  one("Pi 3, 32-bit kernel", "20.10.24+dfsg1", "1.41", "arm", "armv7l", "linux/arm/v7", V7, CORTEX),
  one("Pi 2, 32-bit kernel", "24.0.9", "1.43", "arm", "armv7l", "linux/arm/v7", V7, CORTEX),
  one("armhf on trixie", "26.1.5", "1.45", "arm", "armv7l", "linux/arm/v7", V7, CORTEX),
  one("Pi Zero", "20.10.24+dfsg1", "1.41", "arm", "armv6l", "linux/arm/v6", V6, ARM1176),
  one("Pi 1", "28.5.2", "1.51", "arm", "armv6l", "linux/arm/v6", V6),
  one("Pi Zero whose kernel says v7", "24.0.9", "1.43", "arm", "armv7l", "linux/arm/v6", V6, ARM1176),
  one("armel board", "26.1.5", "1.45", "arm", "armv5tel", "linux/arm/v5", ["linux/arm/v5"]),
  one("Pi 4, 32 on 64", "20.10.24", "1.41", "arm", "aarch64", "linux/arm/v7", ON_64),
  one("Pi 4, 32 on 64, newer engine", "23.0.6", "1.42", "arm", "aarch64", "linux/arm/v7", ON_64, CORTEX),
  one("Pi 400, 32 on 64", "28.0.4", "1.48", "arm", "aarch64", "linux/arm/v7", ON_64),
  one("32-bit personality", "26.1.5", "1.45", "arm", "armv8l", "linux/arm/v7", ON_64),
  one("old x86 box", "20.10.24+dfsg1", "1.41", "amd64", "x86_64", "linux/amd64", X86),
  one("x86, newest engine", "29.3.0", "1.54", "amd64", "x86_64", "linux/amd64", X86),
  one("32-bit x86", "20.10.24+dfsg1", "1.41", "386", "i686", "linux/386", ["linux/386"]),
  one("32-bit x86 engine on a 64-bit kernel", "26.1.5", "1.45", "386", "x86_64", "linux/386", ["linux/386"]),
  { ...one("podman 4", "4.3.1", "1.41", "amd64", "amd64", "linux/amd64", X86), product: "podman" },
  { ...one("podman 5, arm64", "5.4.2", "1.41", "arm64", "arm64", "linux/arm64", ARM64), product: "podman" },
  { ...one("podman 5, arm", "5.4.2", "1.41", "arm", "arm", "linux/arm/v7", V7), product: "podman" },
  { ...one("podman 4, Pi 1", "4.3.1", "1.41", "arm", "arm", "linux/arm/v6", V6, ARM1176), product: "podman" },
];

function one(
  board: string,
  version: string,
  apiVersion: string,
  arch: string,
  kernel: string,
  platform: string,
  accepts: readonly string[],
  cpuModel?: string,
): Recorded {
  const base = { board, version, apiVersion, arch, kernel, platform, accepts };
  return cpuModel === undefined ? base : { ...base, cpuModel };
}

const ARM_ON_64 = "The engine is a 32-bit ARM program on a 64-bit kernel";
const CALLED_V6 = `The engine is a 32-bit ARM program on a processor that calls itself ${ARM1176}.`;

/** The sentence each board gets, in full: it is what people read first when an image does not run. */
export const SENTENCES: Readonly<Record<string, string>> = {
  "Pine64, bookworm docker.io": "The engine says arm64, its kernel aarch64.",
  "Raspberry Pi OS 64": "The engine says arm64, its kernel aarch64.",
  "Raspberry Pi 5": "The engine says arm64, its kernel aarch64.",
  "Raspberry Pi 4, newest engine": "The engine says arm64, its kernel aarch64.",
  "Pi 3, 32-bit kernel": "The engine is a 32-bit ARM program on an armv7l kernel.",
  "Pi 2, 32-bit kernel": "The engine is a 32-bit ARM program on an armv7l kernel.",
  "armhf on trixie": "The engine is a 32-bit ARM program on an armv7l kernel.",
  "Pi Zero": CALLED_V6,
  "Pi 1": "The engine is a 32-bit ARM program on an armv6l kernel.",
  "Pi Zero whose kernel says v7": CALLED_V6,
  "armel board": "The engine is a 32-bit ARM program on an armv5tel kernel.",
  "Pi 4, 32 on 64": `${ARM_ON_64} (aarch64), so 64-bit images cannot run.`,
  "Pi 4, 32 on 64, newer engine": `${ARM_ON_64} (aarch64), so 64-bit images cannot run.`,
  "Pi 400, 32 on 64": `${ARM_ON_64} (aarch64), so 64-bit images cannot run.`,
  "32-bit personality": `${ARM_ON_64} (armv8l), so 64-bit images cannot run.`,
  "old x86 box": "The engine says amd64, its kernel x86_64.",
  "x86, newest engine": "The engine says amd64, its kernel x86_64.",
  "32-bit x86": "The engine says 386, its kernel i686.",
  "32-bit x86 engine on a 64-bit kernel": "The engine says 386, its kernel x86_64.",
  "podman 4": "The engine says amd64, its kernel amd64.",
  "podman 5, arm64": "The engine says arm64, its kernel arm64.",
  "podman 5, arm": "The engine is a 32-bit ARM program on a kernel that names no variant (arm).",
  "podman 4, Pi 1": CALLED_V6,
};

export function factsOf(recorded: Recorded): EngineFacts {
  return {
    version: recorded.version,
    apiVersion: recorded.apiVersion,
    arch: recorded.arch,
    os: "linux",
    kernelArchitecture: recorded.kernel,
    kernelVersion: "6.1.0",
    operatingSystem: "Debian GNU/Linux 12 (bookworm)",
    name: "board",
    store: "classic",
    product: recorded.product ?? "docker",
    dataRoot: "/var/lib/docker",
    insecureRegistries: ["127.0.0.0/8"],
    memoryBytes: 1_000_000_000,
    cpus: 4,
  };
}
