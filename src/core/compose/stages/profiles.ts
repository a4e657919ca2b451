// Which services are on (compose.md 1.8), and which of their dependencies count.
import type { ServiceSpec } from "../../model/index.ts";
import { composeError } from "../errors.ts";
import { sortedRecord } from "../read.ts";
import type { CheckedService } from "./check.ts";
import { dependencyKey, sharedServices } from "./links.ts";

/** A service without profiles is always on; `*` switches everything on. */
export function isEnabled(spec: ServiceSpec, active: ReadonlySet<string>): boolean {
  const { profiles } = spec;
  return (
    profiles === undefined ||
    profiles.length === 0 ||
    active.has("*") ||
    profiles.some((name) => active.has(name))
  );
}

/**
 * The service with only those dependencies that are on. Throws E_COMPOSE when a required one is switched off by its
 * profile, and when any does not exist; one with `required: false` that is switched off is dropped.
 */
export function withLiveDependencies(
  service: CheckedService,
  enabled: ReadonlySet<string>,
  disabled: ReadonlySet<string>,
): CheckedService {
  const shared = new Set(sharedServices(service.spec));
  const kept = Object.entries(service.spec.depends_on ?? {}).filter(([name, dependency]) => {
    if (enabled.has(name)) return true;
    const off = disabled.has(name);
    if (off && !dependency.required && !shared.has(name)) return false;
    throw composeError(
      service.at(dependencyKey(service.spec, name)),
      `the service "${name}" ${off ? "is switched off by its profiles" : "does not exist"}`,
      off ? "switch on its profile too, or say required: false" : "define it, or remove the reference",
    );
  });
  const { depends_on: _, ...rest } = service.spec;
  return { ...service, spec: kept.length === 0 ? rest : { ...rest, depends_on: sortedRecord(kept) } };
}
