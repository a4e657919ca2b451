// Networks and volumes that somebody else has to make: without them nothing of the service is touched.
import type { DesiredService } from "../model/index.ts";
import type { PlanInput } from "./input.ts";

/** What is missing, in words, or null. External networks may be given by name or id. */
export function missingExternals(service: DesiredService, input: PlanInput): string | null {
  const { desired, observed } = input;
  for (const network of desired.networks) {
    if (!network.external || !service.networks.includes(network.key)) continue;
    const found = observed.networks.some((n) => n.name === network.name || n.id === network.name);
    if (!found)
      return `network ${network.name} is declared as external, but the engine has none of that name`;
  }
  for (const volume of desired.volumes) {
    if (!volume.external || !service.volumes.includes(volume.key)) continue;
    if (observed.volumes.some((v) => v.name === volume.name)) continue;
    return `volume ${volume.name} is declared as external, but the engine has none of that name`;
  }
  return null;
}
