// What resolving answers: a pinned image, or a hold that says why and when to ask again.
import {
  type BoardhandError,
  formatPlatform,
  type HoldReason,
  type PinnedImage,
  type Platform,
} from "../../core/model/index.ts";

export interface ResolveRequest {
  /** As the compose file says it. */
  readonly reference: string;
  /** The service's own `platform:`; null for the board's. */
  readonly platform: Platform | null;
}

export type Resolution =
  | { readonly kind: "pinned"; readonly image: PinnedImage }
  | {
      readonly kind: "held";
      readonly reason: HoldReason;
      readonly message: string;
      /** Milliseconds from now until asking again makes sense; null when only a push or a person changes it. */
      readonly retryAfterMs: number | null;
      /** The last image that was resolved for this request. */
      readonly last: PinnedImage | null;
    };

/** Why there is no image to run, as far as the registry's own content says so. */
export interface Problem {
  readonly reason: "ArchitectureMissing" | "ArchitectureMismatch" | "ImageNotFound";
  readonly message: string;
}

/** The key of a request in the answer. */
export function requestKey(reference: string, platform: Platform | null): string {
  return platform === null ? reference : `${reference} ${formatPlatform(platform)}`;
}

export function held(
  reason: HoldReason,
  message: string,
  rest: { readonly retryAfterMs?: number | null; readonly last?: PinnedImage | null } = {},
): Resolution {
  return { kind: "held", reason, message, retryAfterMs: rest.retryAfterMs ?? null, last: rest.last ?? null };
}

/** The hold that a registry's failure becomes; what is no answer at all counts as a registry that is not there. */
export function reasonFor(error: BoardhandError): HoldReason {
  switch (error.code) {
    case "E_REGISTRY_NOT_FOUND":
      return "ImageNotFound";
    case "E_REGISTRY_AUTH":
      return "Unauthorized";
    case "E_REGISTRY_RATE_LIMITED":
      return "RateLimited";
    default:
      return "RegistryUnavailable";
  }
}
