// What one service says about another: dependencies written and implied, namespaces and volumes shared (compose.md 1.8).
import type { DependencySpec, ServiceSpec } from "../../model/index.ts";
import { sortedRecord } from "../read.ts";

const PREFIX = "service:";

function target(text: string | undefined): readonly string[] {
  return text?.startsWith(PREFIX) ? [text.slice(PREFIX.length)] : [];
}

/** `x` and `x:ro` name a service; `container:x` does not. */
function volumeServices(spec: ServiceSpec): readonly string[] {
  return (spec.volumes_from ?? []).flatMap((entry) => {
    const [name = ""] = entry.split(":");
    return entry.startsWith("container:") ? [] : [name];
  });
}

/** Services whose network, pid, ipc or volumes this one joins, sorted. */
export function sharedServices(spec: ServiceSpec): readonly string[] {
  const namespaces = [...target(spec.network_mode), ...target(spec.ipc), ...target(spec.pid)];
  return [...new Set([...namespaces, ...volumeServices(spec)])].sort();
}

/** Dependencies with the implied ones; what is written wins over what is implied. Sorted by service. */
export function withImpliedDependencies(spec: ServiceSpec): Readonly<Record<string, DependencySpec>> {
  const implied = (restart: boolean): DependencySpec => ({
    condition: "service_started",
    restart,
    required: true,
  });
  const all = new Map<string, DependencySpec>();
  for (const name of volumeServices(spec)) all.set(name, implied(false));
  for (const link of spec.links ?? []) all.set(link.split(":")[0] ?? link, implied(true));
  const joined = [spec.network_mode, spec.ipc, spec.pid, spec.uts, spec.cgroup];
  for (const name of joined.flatMap(target)) {
    all.set(name, implied(true));
  }
  for (const [name, dependency] of Object.entries(spec.depends_on ?? {})) all.set(name, dependency);
  return sortedRecord(all);
}

/** The key through which a service depends on another one, for messages. */
export function dependencyKey(spec: ServiceSpec, name: string): string {
  const joined = (["network_mode", "ipc", "pid", "uts", "cgroup"] as const).find(
    (key) => spec[key] === `${PREFIX}${name}`,
  );
  if (joined !== undefined) return joined;
  if (volumeServices(spec).includes(name)) return "volumes_from";
  return spec.links?.some((link) => link.split(":")[0] === name) ? "links" : "depends_on";
}
