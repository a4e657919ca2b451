// One service as docker compose prints it: the text that is hashed, with what the hash leaves out put in its place, so
// that what is printed and what is hashed cannot differ.
import type { DependencySpec, ServiceSpec } from "../../model/index.ts";
import { encodeService } from "../hash/service.ts";
import { buildModel } from "./build.ts";
import { type Json, present } from "./json.ts";

/** Keys the hash does not have, each with the hashed keys it stands before: all from that one on. */
const PLACES = [
  ["profiles", "annotations"],
  ["build", "develop"],
  ["depends_on", "deploy"],
  ["pull_policy", "read_only"],
  ["scale", "secrets"],
] as const;

/** compose-go's order of the hashed keys, as far as it must be known to place the others. */
const ORDER = (
  "annotations attach develop blkio_config cap_add cap_drop cgroup_parent cgroup cpu_count cpu_percent cpu_period " +
  "cpu_quota cpu_rt_period cpu_rt_runtime cpus cpuset cpu_shares command configs container_name credential_spec " +
  "deploy device_cgroup_rules devices dns dns_opt dns_search domainname entrypoint provider environment expose " +
  "external_links extra_hosts group_add gpus hostname healthcheck image init ipc isolation labels links logging " +
  "mem_limit mem_reservation memswap_limit mem_swappiness mac_address models network_mode networks oom_kill_disable " +
  "oom_score_adj pid pids_limit platform ports privileged read_only restart runtime secrets"
).split(" ");

/** Null for a `command` or `entrypoint` that is not set, as in docker compose's JSON. */
export function serviceModel(spec: ServiceSpec): Json {
  const { deploy, label_file: _, ...hashed } = JSON.parse(encodeService(spec, "v2.40")) as Json;
  const own: Json = {
    ...hashed,
    ...(deploy === undefined ? {} : { deploy: deployModel(deploy as Json, spec.deploy?.replicas) }),
  };
  const extra: Json = {
    ...present({ profiles: spec.profiles, depends_on: dependsOn(spec.depends_on ?? {}) }),
    ...present({ pull_policy: spec.pull_policy }),
    ...(spec.build === undefined ? {} : { build: buildModel(spec.build) }),
    ...(spec.scale === undefined ? {} : { scale: spec.scale }),
  };
  const entries = Object.entries({ ...own, ...extra });
  return Object.fromEntries(entries.sort(([a], [b]) => rank(a) - rank(b)));
}

/** Sorting is stable, so that what comes after the known keys keeps the hash's order. */
function rank(key: string): number {
  const place = PLACES.find(([extra]) => extra === key);
  if (place !== undefined) return ORDER.indexOf(place[1]) - 0.5;
  const index = ORDER.indexOf(key);
  return index === -1 ? ORDER.length : index;
}

function deployModel({ mode, ...hashed }: Json, replicas: number | undefined): Json {
  return {
    ...(mode === undefined ? {} : { mode }),
    ...(replicas === undefined ? {} : { replicas }),
    ...hashed,
  };
}

function dependsOn(dependencies: Readonly<Record<string, DependencySpec>>): Json {
  return Object.fromEntries(
    Object.entries(dependencies)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { condition, restart, required }]) => [
        name,
        { condition, ...(restart ? { restart } : {}), required },
      ]),
  );
}
