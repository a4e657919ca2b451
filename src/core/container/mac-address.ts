// Where a container's MAC address is said: per endpoint from API 1.44 on, below that once for the container.
import type { DesiredProject, DesiredService } from "../model/index.ts";
import { apiAtLeast } from "./names.ts";
import { MULTIPLE_ENDPOINTS, primaryNetworkOrder } from "./network.ts";

/** `Config.MacAddress`, which exists below API 1.44 only; undefined where endpoints say it. */
export function containerMacAddress(
  service: DesiredService,
  project: DesiredProject,
  apiVersion: string,
): string | undefined {
  const primary = primaryNetworkOrder(service, project)[0];
  const { mac_address: ofService, networks } = service.spec;
  if (apiAtLeast(apiVersion, MULTIPLE_ENDPOINTS)) return primary === undefined ? ofService : undefined;
  return (primary === undefined ? undefined : networks?.[primary]?.mac_address) ?? ofService;
}

/** Two addresses for one endpoint, or one for an endpoint that this engine gives none; reads on after "the service …". */
export function macAddressRefusal(
  service: DesiredService,
  project: DesiredProject,
  apiVersion: string,
): string | null {
  const networks = service.spec.networks ?? {};
  const primary = primaryNetworkOrder(service, project)[0];
  const ofService = service.spec.mac_address;
  const ofPrimary = primary === undefined ? undefined : networks[primary]?.mac_address;
  if (ofService !== undefined && ofPrimary !== undefined && ofService !== ofPrimary) {
    return `has a mac_address that differs from the one of its network ${primary}; give it once`;
  }
  if (apiAtLeast(apiVersion, MULTIPLE_ENDPOINTS)) return null;
  const others = Object.keys(networks).filter(
    (key) => key !== primary && networks[key]?.mac_address !== undefined,
  );
  if (others.length === 0) return null;
  return `gives the network ${others.sort().join(", ")} a mac_address, which needs an engine with API 1.44, this one has ${apiVersion}`;
}
