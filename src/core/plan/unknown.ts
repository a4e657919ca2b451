// Containers that docker compose made and hashed in a way nobody here knows: what they were made with is compared field
// by field instead (compose.md 3.3). Where a hash can be trusted it alone decides: it also sees what no container shows.
import {
  containerBody,
  containerName,
  differences,
  linkedContainers,
  primaryNetworkOrder,
  refusalOf,
} from "../container/index.ts";
import {
  COMPOSE,
  type DesiredProject,
  type DesiredService,
  type ObservedContainer,
  type ObservedProject,
} from "../model/index.ts";
import type { PlanInput } from "./input.ts";
import { retiredFrom } from "./instances.ts";

/** Versions, first and last, whose hash is computed for every service: another hash is another definition. */
const KNOWN: readonly (readonly [first: readonly [number, number], last: readonly [number, number]])[] = [
  [
    [2, 36],
    [2, 99],
  ],
  [
    [5, 0],
    [5, 5],
  ],
];

/** Ids of the containers for which `differingFields` has to know what they were made with. */
export function comparedByField(desired: DesiredProject, observed: ObservedProject): readonly string[] {
  const services = new Map(desired.services.map((service) => [service.name, service]));
  return observed.containers
    .filter((container) => {
      const service = services.get(container.service);
      return (
        service !== undefined &&
        mayBeCompared(container) &&
        !service.composeHashes.includes(container.composeHash ?? "")
      );
    })
    .map(({ id }) => id);
}

/** Whether another hash than the wanted one says nothing about this container. */
export function mayBeCompared({ definitionHash, composeHash, labels }: ObservedContainer): boolean {
  if (definitionHash !== null || composeHash === null) return false;
  const [, major = 0, minor = 0] = (
    /^v?(\d{1,4})\.(\d{1,4})\b/.exec(labels[COMPOSE.version] ?? "") ?? []
  ).map(Number);
  const at = major * 10_000 + minor;
  return !KNOWN.some(
    ([first, last]) => at >= first[0] * 10_000 + first[1] && at <= last[0] * 10_000 + last[1],
  );
}

/**
 * Keys of the compose file in which the container differs from what would be made for it now, sorted; empty: it is
 * what is wanted. What cannot be told from outside differs. `shares` is null while a container that it joins is about to
 * be replaced: it follows that one anyway, whatever else it is.
 */
export function differingFields(
  container: ObservedContainer,
  service: DesiredService,
  shares: Readonly<Record<string, string>> | null,
  input: Pick<PlanInput, "desired" | "details" | "policy">,
): readonly string[] {
  if (shares === null) return [];
  const { desired, details, policy } = input;
  const { apiVersion } = policy;
  const made = details.get(container.id);
  // Its image may be gone, and its defaults with it.
  if (made === undefined) return ["image"];
  if (refusalOf(service, desired, apiVersion) !== null) return ["service"];
  const copied = service.files.filter(({ mounted }) => mounted === null).map(({ kind }) => `${kind}s`);
  const body = containerBody({
    project: desired,
    service,
    number: container.number,
    finalName: containerName(desired, service, container.number),
    image: { reference: service.reference, imageId: container.imageId, volumes: [] },
    pinned: null,
    networks: primaryNetworkOrder(service, desired),
    shares,
    linkNames: linkedContainers(service, desired),
    inherit: [],
    revision: "",
    apiVersion,
  });
  // A rollout takes the restart policy of what it retires away.
  const own = differences(body, container.id, made).filter(
    (field) => field !== "restart" || retiredFrom(container) === null,
  );
  return [...new Set([...own, ...copied])].sort();
}
