// The order services are handled in: dependencies first, ties by name, whatever order the input had.
import { compare } from "./instances.ts";

interface Ordered {
  readonly name: string;
  readonly dependsOn: readonly { readonly service: string }[];
  readonly sharesWith: readonly string[];
}

/**
 * Dependencies (and providers of shared namespaces) come before their dependents. Names that are not in the list are
 * ignored; a cycle, which the loader refuses, is broken at its first name so that the order is total all the same.
 */
export function dependencyOrder<S extends Ordered>(services: readonly S[]): readonly S[] {
  const byName = new Map(services.map((service) => [service.name, service]));
  const done = new Set<string>();
  const ordered: S[] = [];
  const visit = (service: S): void => {
    if (done.has(service.name)) return;
    done.add(service.name);
    for (const name of neighbours(service)) {
      const next = byName.get(name);
      if (next !== undefined) visit(next);
    }
    ordered.push(service);
  };
  for (const service of [...byName.values()].sort((a, b) => compare(a.name, b.name))) visit(service);
  return ordered;
}

function neighbours(service: Ordered): readonly string[] {
  return [...new Set([...service.dependsOn.map((d) => d.service), ...service.sharesWith])].sort();
}
