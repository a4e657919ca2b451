// The snapshot of one project: everything planning needs, in as few calls as the API allows.
import { type Json, list, object, text, textMap } from "../../core/model/engine-json.ts";
import {
  COMPOSE,
  type ImageSummary,
  type InspectedContainer,
  type ObservedContainer,
  type ObservedProject,
} from "../../core/model/index.ts";
import { time, toContainer } from "./container.ts";
import { isOneOff } from "./events.ts";
import { toImage, toSummary } from "./image.ts";
import { mapLimit } from "./limit.ts";
import type { Call, Transport } from "./transport.ts";

const PARALLEL = 8;
const ABSENT: readonly number[] = [404];

function get(path: string, what: string, query?: Readonly<Record<string, string>>): Call {
  return { method: "GET", path, what, ...(query === undefined ? {} : { query }) };
}

/** Containers of the project with its networks, volumes and images around them; a container that vanishes meanwhile is left out. */
export async function observeProject(transport: Transport, project: string): Promise<ObservedProject> {
  const [found, networks, volumes, images] = await Promise.all([
    listContainers(transport, `${COMPOSE.project}=${project}`),
    transport.call(get("/networks", "list networks")),
    transport.call(get("/volumes", "list volumes")),
    listImages(transport),
  ]);
  const ids = found.filter((one) => !isOneOff(textMap(one.Labels))).map((one) => text(one.Id));
  const inspected = await mapLimit(ids, PARALLEL, (id) => inspect(transport, id));
  const present = inspected.filter((one) => one !== null);
  const repoDigests = await digestsOf(transport, present, images);
  return {
    project,
    containers: present
      .map((one) => ({ ...toContainer(one), repoDigests: repoDigests.get(text(one.Image)) ?? [] }))
      .sort(byServiceNumberName),
    networks: list(networks.json)
      .map(object)
      .map((one) => ({ id: text(one.Id), name: text(one.Name), labels: textMap(one.Labels) }))
      .sort((a, b) => compare(a.name, b.name) || compare(a.id, b.id)),
    volumes: list(object(volumes.json).Volumes)
      .map(object)
      .map((one) => ({ name: text(one.Name), labels: textMap(one.Labels) }))
      .sort((a, b) => compare(a.name, b.name)),
    images,
  };
}

/** When the engine made its own bridge, which it does at each start; null where it makes none. */
export async function startedAt(transport: Transport): Promise<number | null> {
  const answer = await transport.call(get("/networks/bridge", "ask when it was started"), ABSENT);
  return answer.status === 404 ? null : time(object(answer.json).Created);
}

/** Names of all compose projects with containers, sorted. */
export async function listProjects(transport: Transport): Promise<readonly string[]> {
  const found = await listContainers(transport, COMPOSE.project);
  const names = found.map((one) => textMap(one.Labels)[COMPOSE.project] ?? "");
  return [...new Set(names)].filter((name) => name !== "").sort(compare);
}

/** Ids of the images that containers were made from, whoever made them and whatever they do. */
export async function usedImages(transport: Transport): Promise<ReadonlySet<string>> {
  const found = await transport.call(get("/containers/json", "list containers", { all: "1" }));
  return new Set(list(found.json).map((one) => text(object(one).ImageID)));
}

/** One container, or null when there is none of this id or name. */
export async function inspectContainer(transport: Transport, id: string): Promise<InspectedContainer | null> {
  const inspected = await inspect(transport, id);
  return inspected === null ? null : toContainer(inspected);
}

/** `GET /images/REF/json`, or null for an image that is not here. */
export async function inspectImage(transport: Transport, reference: string): Promise<Json | null> {
  const call = get(`/images/${pathOf(reference)}/json`, `inspect image ${reference}`);
  const answer = await transport.call(call, ABSENT);
  return answer.status === 404 ? null : object(answer.json);
}

/** An image's name as a path: slashes stay, everything else is escaped. */
export function pathOf(reference: string): string {
  return reference.split("/").map(encodeURIComponent).join("/");
}

/** Every container with a label, `key` or `key=value`, whether it runs or not, as the list tells them. */
export async function listContainers(transport: Transport, label: string): Promise<readonly Json[]> {
  const query = { all: "1", filters: JSON.stringify({ label: [label] }) };
  return list((await transport.call(get("/containers/json", "list containers", query))).json).map(object);
}

async function listImages(transport: Transport): Promise<readonly ImageSummary[]> {
  const answer = await transport.call(get("/images/json", "list images"));
  return list(answer.json)
    .map((one) => toSummary(object(one)))
    .sort((a, b) => compare(a.id, b.id));
}

/** `GET /containers/ID/json`, or null for a container that is not here. */
export async function inspect(transport: Transport, id: string, signal?: AbortSignal): Promise<Json | null> {
  const call = get(`/containers/${encodeURIComponent(id)}/json`, `inspect container ${id}`);
  const answer = await transport.call(signal === undefined ? call : { ...call, signal }, ABSENT);
  return answer.status === 404 ? null : object(answer.json);
}

/** RepoDigests by image ID, from the list where it has them; a removed image leaves its containers without. */
async function digestsOf(
  transport: Transport,
  containers: readonly Json[],
  images: readonly ImageSummary[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const known = new Map(images.map((image) => [image.id, image.repoDigests]));
  const missing = [...new Set(containers.map((one) => text(one.Image)))].filter(
    (id) => id !== "" && !known.has(id),
  );
  await mapLimit(missing, PARALLEL, async (id) => {
    const image = await inspectImage(transport, id);
    known.set(id, image === null ? [] : toImage(image).repoDigests);
  });
  return known;
}

function byServiceNumberName(a: ObservedContainer, b: ObservedContainer): number {
  return compare(a.service, b.service) || a.number - b.number || compare(a.name, b.name);
}

/** By code units, so that the order is the same on every board whatever its locale. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
