// Boardhand's own hashes: of one definition, and of all that a project's files say.
import { createHash } from "node:crypto";
import type { DesiredNetwork, DesiredService, DesiredVolume, ServiceSpec } from "../../model/index.ts";

/** JSON with keys sorted at every level, absent values dropped, big integers as digits: equal models, equal text. */
export function canonicalJson(value: unknown): string {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`);
  return `{${fields.join(",")}}`;
}

/**
 * `v1:` and 64 hex digits over everything that reaches a container. Policy is not in it (depends_on, profiles, scale,
 * replicas, update_config, pull_policy) nor is `build`, so changing these never replaces a container.
 */
export function definitionHash(spec: ServiceSpec): string {
  const { depends_on: _1, profiles: _2, scale: _3, pull_policy: _4, build: _5, deploy, ...definition } = spec;
  const { replicas: _6, update_config: _7, ...rest } = deploy ?? {};
  return `v1:${sha256(canonicalJson({ ...definition, deploy: rest }))}`;
}

/** 64 hex digits over all definitions, their order and number, the networks and the volumes. */
export function composeRevision(
  services: readonly DesiredService[],
  networks: readonly DesiredNetwork[],
  volumes: readonly DesiredVolume[],
): string {
  const parts = services.map(({ name, definitionHash, dependsOn, replicas }) => ({
    name,
    definitionHash,
    dependsOn,
    replicas,
  }));
  return sha256(canonicalJson({ services: parts, networks, volumes }));
}

function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}
