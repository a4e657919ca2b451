// What the engine says about itself, and what it tells while it runs.
import type { Platform } from "./platform.ts";

/** `/version`, `/info` and `/_ping`, reduced to what decisions need. */
export interface EngineFacts {
  /** `Version` of the engine, e.g. `20.10.24+dfsg1`. */
  readonly version: string;
  /** The API version all calls use, negotiated, e.g. `1.41`. */
  readonly apiVersion: string;
  /** `/version` Arch: the engine's own bitness (GOARCH). */
  readonly arch: string;
  readonly os: string;
  /** `/info` Architecture: the kernel's word (uname -m). */
  readonly kernelArchitecture: string;
  readonly kernelVersion: string;
  readonly operatingSystem: string;
  readonly name: string;
  readonly store: "classic" | "containerd";
  readonly product: "docker" | "podman";
  /** Where images are kept on the host. */
  readonly dataRoot: string;
  /** Host patterns that the engine itself pulls from without TLS. */
  readonly insecureRegistries: readonly string[];
  readonly memoryBytes: number;
  readonly cpus: number;
}

/** What the board runs and how that was found out. */
export interface BoardPlatform {
  readonly platform: Platform;
  /** Platforms whose images run here, best first; the board's own is the first. */
  readonly accepts: readonly Platform[];
  /** Foreign platforms that the kernel emulates (binfmt_misc); used only where a service asks by `platform:`. */
  readonly emulates: readonly Platform[];
  /** One sentence: what was read and what follows. */
  readonly because: string;
}

/** A container event that makes a project worth another look. */
export interface EngineEvent {
  readonly project: string;
  readonly service: string;
  readonly containerId: string;
  /** `die`, `start`, `health_status`, `destroy`, … */
  readonly action: string;
}
