// What a service says about being built and watched while it is written, and commands run inside its container.
import type { FileRefSpec, HookSpec } from "./service-files.ts";

export type UlimitSpec = number | { readonly soft: number; readonly hard: number };

export interface WatchSpec {
  readonly path: string;
  readonly action: string;
  readonly target?: string;
  readonly exec?: HookSpec;
  readonly include?: readonly string[];
  readonly ignore?: readonly string[];
  readonly initial_sync?: boolean;
}

/** How docker compose would build the image; every path absolute. */
export interface BuildSpec {
  readonly context?: string;
  readonly dockerfile?: string;
  readonly dockerfile_inline?: string;
  readonly entitlements?: readonly string[];
  readonly args?: Readonly<Record<string, string | null>>;
  readonly provenance?: string;
  readonly sbom?: string;
  readonly ssh?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly cache_from?: readonly string[];
  readonly cache_to?: readonly string[];
  readonly no_cache?: boolean;
  readonly additional_contexts?: Readonly<Record<string, string>>;
  readonly pull?: boolean;
  readonly extra_hosts?: readonly string[];
  readonly isolation?: string;
  readonly network?: string;
  readonly target?: string;
  readonly secrets?: readonly FileRefSpec[];
  readonly shm_size?: number;
  readonly tags?: readonly string[];
  readonly ulimits?: Readonly<Record<string, UlimitSpec>>;
  readonly platforms?: readonly string[];
  readonly privileged?: boolean;
}
