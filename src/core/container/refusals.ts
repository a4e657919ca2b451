// Why a service cannot be made on this engine, known before anything is touched; the planner holds the service by it.
import { tooNewFor } from "../compose/attributes/index.ts";
import type { DesiredProject, DesiredService } from "../model/index.ts";
import { macAddressRefusal } from "./mac-address.ts";
import { apiAtLeast } from "./names.ts";

/** API version in which a network can do without IPv4. */
const WITHOUT_IPV4 = 48;

/** A sentence without its subject (`uses annotations, which needs …`), or null when nothing is in the way. */
export function refusalOf(
  service: DesiredService,
  project: DesiredProject,
  apiVersion: string,
): string | null {
  const minor = Number(apiVersion.split(".")[1] ?? 0);
  const reasons = [
    ...service.refusals,
    ...tooNewFor(service.spec, minor),
    macAddressRefusal(service, project, apiVersion),
    networkRefusal(service, project, apiVersion),
  ];
  return reasons.find((reason) => reason !== null) ?? null;
}

function networkRefusal(service: DesiredService, project: DesiredProject, apiVersion: string): string | null {
  if (apiAtLeast(apiVersion, WITHOUT_IPV4)) return null;
  const without = project.networks.find(
    ({ key, enableIpv4 }) => enableIpv4 === false && service.networks.includes(key),
  );
  if (without === undefined) return null;
  return `uses the network ${without.key}, whose enable_ipv4 needs an engine with API 1.${WITHOUT_IPV4}, this one has ${apiVersion}`;
}
