// Which keys a mapping may have. Tells three things apart: supported, known to compose but not supported yet, unknown.
import { composeError } from "./errors.ts";
import type { MapTree } from "./tree.ts";
import { nearest } from "./values/suggest.ts";

const NOT_YET_SERVICE: readonly string[] = [
  "annotations",
  "blkio_config",
  "cgroup",
  "cgroup_parent",
  "cpu_count",
  "cpu_percent",
  "cpu_period",
  "cpu_quota",
  "cpu_rt_period",
  "cpu_rt_runtime",
  "credential_spec",
  "develop",
  "device_cgroup_rules",
  "external_links",
  "gpus",
  "isolation",
  "label_file",
  "mem_swappiness",
  "models",
  "oom_kill_disable",
  "pre_start",
  "provider",
  "pull_refresh_after",
  "storage_opt",
  "use_api_socket",
  "userns_mode",
  "uts",
  "volume_driver",
];

/** Keys that compose knows, by kind of mapping, and that are refused until they are carried out in full. */
export const NOT_YET = {
  top: ["models"],
  service: NOT_YET_SERVICE,
  network: ["enable_ipv4"],
  serviceNetwork: ["gw_priority", "interface_name"],
  bind: ["recursive"],
  mount: ["image"],
  resources: ["generic_resources"],
} as const;

/**
 * Refuses every key that is not in `supported`; `x-` keys are free. The error names the key's place and says
 * "not supported yet" for what compose knows, and "unknown" (with the nearest known key) for the rest.
 */
export function checkKeys(map: MapTree, supported: readonly string[], notYet: readonly string[] = []): void {
  for (const [key, entry] of map.entries) {
    if (supported.includes(key) || key.startsWith("x-")) continue;
    if (notYet.includes(key)) {
      throw composeError(
        entry.keyFrom,
        `the key "${key}" is not supported yet`,
        "remove the key, or keep this project with docker compose for now",
      );
    }
    const meant = nearest(key, [...supported, ...notYet]);
    const hint = meant === null ? "remove the key, or give it the prefix x-" : `did you mean "${meant}"?`;
    throw composeError(entry.keyFrom, `the key ${JSON.stringify(key.slice(0, 60))} is unknown`, hint);
  }
}
