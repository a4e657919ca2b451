// docker compose's config hashes, so that it accepts what Boardhand made and Boardhand what it made.
// Byte for byte sha256 over the JSON of the resolved model; refuses nothing, a spec has been checked before.
import { createHash } from "node:crypto";
import type { ServiceSpec } from "../../model/index.ts";
import { encodeNetwork, encodeVolume, type HashedNetwork, type HashedVolume } from "./project-parts.ts";
import { encodeService } from "./service.ts";

export type { HashedNetwork, HashedVolume } from "./project-parts.ts";

/**
 * The value of the label `com.docker.compose.config-hash` in every dialect Boardhand knows: first that of docker
 * compose 2.30 to 2.40, then that of v5. `network_mode`, `ipc`, `pid` `service:x` and `volumes_from` count as they
 * are given: docker compose hashes them after it has put container ids in their place (core/container `withShares`).
 */
export function composeHashes(spec: ServiceSpec): readonly string[] {
  return [sha256(encodeService(spec, "v2.40")), sha256(encodeService(spec, "v5"))];
}

/**
 * What `docker compose config --hash` prints, which forgets the names of label files where the label of a container has
 * them in its hash.
 */
export function printedHash({ label_file: _, ...spec }: ServiceSpec): string {
  return sha256(encodeService(spec, "v2.40"));
}

/** The `config-hash` label of a network. */
export function networkHash(network: HashedNetwork): string {
  return sha256(encodeNetwork(network));
}

/** The `config-hash` label of a volume. */
export function volumeHash(volume: HashedVolume): string {
  return sha256(encodeVolume(volume));
}

function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}
