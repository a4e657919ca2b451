// The `build` section as docker compose prints it. Boardhand does not build, but what it prints must be the same model.
import type { BuildSpec, FileRefSpec } from "../../model/index.ts";
import { encodeUlimit } from "../hash/parts.ts";
import { type Json, present } from "./json.ts";

export function buildModel(build: BuildSpec): Json {
  return present({
    context: build.context,
    dockerfile: build.dockerfile,
    dockerfile_inline: build.dockerfile_inline,
    entitlements: build.entitlements,
    args: build.args,
    provenance: build.provenance,
    sbom: build.sbom,
    ssh: build.ssh === undefined ? undefined : sshKeys(build.ssh),
    labels: build.labels,
    cache_from: build.cache_from,
    cache_to: build.cache_to,
    no_cache: build.no_cache,
    additional_contexts: build.additional_contexts,
    pull: build.pull,
    extra_hosts: build.extra_hosts,
    isolation: build.isolation,
    network: build.network,
    target: build.target,
    secrets: build.secrets?.map(fileRefModel),
    shm_size: build.shm_size === undefined || build.shm_size === 0 ? undefined : String(build.shm_size),
    tags: build.tags,
    ulimits: build.ulimits === undefined ? undefined : ulimitsModel(build.ulimits),
    platforms: build.platforms,
    privileged: build.privileged,
  });
}

/** `ID=PATH`, or the id alone. */
function sshKeys(keys: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(keys).map(([id, path]) => (path === "" ? id : `${id}=${path}`));
}

function fileRefModel(ref: FileRefSpec): Json {
  return present({ source: ref.source, target: ref.target, uid: ref.uid, gid: ref.gid, mode: ref.mode });
}

function ulimitsModel(ulimits: NonNullable<BuildSpec["ulimits"]>): Json {
  return Object.fromEntries(
    Object.entries(ulimits).map(([name, limit]) => [name, JSON.parse(encodeUlimit(limit)) as unknown]),
  );
}
