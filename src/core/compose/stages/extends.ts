// Services that extend others (compose.md 1.8): in the same document, or in another file whose paths stay its own.
import { composeError, quote } from "../errors.ts";
import { asMap, readString } from "../read.ts";
import { type Library, type Reading, requireLocal } from "../reading.ts";
import { childOf, isNull, type MapEntry, type MapTree, type Place, type Tree } from "../tree.ts";
import { absolutePath, directoryOf } from "../values/path.ts";
import { withoutPaths } from "./clear.ts";
import { mergeDocuments } from "./documents.ts";
import { mergeService } from "./merge.ts";
import type { KeyPath, Planted } from "./plant.ts";

/** Services that one may extend in a row. */
const MAX_CHAIN = 64;

/** The services that may extend one another by name alone. */
interface Siblings {
  readonly file: string;
  readonly services: ReadonlyMap<string, MapEntry>;
  /** By the name of the service that clears them. */
  readonly cleared: ReadonlyMap<string, readonly KeyPath[]>;
  /** By name, once resolved. */
  readonly done: Map<string, MapTree>;
}

interface Request {
  readonly service: string;
  readonly file: string | null;
  readonly from: Place;
}

/** The document with every service complete in itself. Throws E_COMPOSE for a circle and for what cannot be found. */
export function* withExtends(document: MapTree, planted: Planted, library: Library): Reading<MapTree> {
  const services = childOf(document, "services");
  if (services?.kind !== "map" || ![...services.entries.values()].some(extending)) return document;
  const siblings = siblingsOf(services, planted.cleared);
  const complete = new Map(services.entries);
  for (const [name, entry] of services.entries) {
    if (!extending(entry)) continue;
    const resolved = yield* resolve(name, siblings, [], library);
    if (resolved !== null) complete.set(name, { ...entry, value: resolved });
  }
  const entries = new Map(document.entries);
  const keyFrom = document.entries.get("services")?.keyFrom ?? services.from;
  entries.set("services", { keyFrom, value: { ...services, entries: complete } });
  return { ...document, entries };
}

function extending({ value }: MapEntry): boolean {
  return value.kind === "map" && value.entries.has("extends");
}

function siblingsOf(services: MapTree, cleared: readonly KeyPath[]): Siblings {
  const byName = new Map<string, KeyPath[]>();
  for (const keys of cleared) {
    const [section, name] = keys;
    if (section !== "services" || name === undefined || keys.length < 3) continue;
    const own = byName.get(name) ?? [];
    own.push(keys);
    byName.set(name, own);
  }
  return { file: services.from.file, services: services.entries, cleared: byName, done: new Map() };
}

function* resolve(
  name: string,
  siblings: Siblings,
  trail: readonly string[],
  library: Library,
): Reading<MapTree | null> {
  const known = siblings.done.get(name);
  if (known !== undefined) return known;
  const entry = siblings.services.get(name);
  if (entry === undefined || isNull(entry.value)) return null;
  const service = asMap(entry.value);
  const extended = service.entries.get("extends");
  if (extended === undefined) return service;
  const request = readRequest(extended);
  const here = `${name} in ${siblings.file}`;
  if (trail.includes(here) || trail.length >= MAX_CHAIN) {
    const circle = [...trail.slice(Math.max(0, trail.indexOf(here))), here].join(" -> ");
    throw composeError(request.from, `services extend each other in a circle: ${circle}`);
  }
  const others = yield* siblingsAt(request, siblings, library);
  if (!others.services.has(request.service)) {
    throw composeError(
      request.from,
      `there is no service ${quote(request.service)} in ${request.file === null ? "this document" : others.file}`,
      "only a service of the same document, or of the named file, can be extended",
    );
  }
  const base = yield* resolve(request.service, others, [...trail, here], library);
  const merged =
    base === null
      ? service
      : mergeService(withoutCleared(base, name, siblings.cleared.get(name) ?? []), service);
  const entries = new Map(merged.entries);
  entries.delete("extends");
  const complete: MapTree = { ...merged, entries, from: service.from };
  siblings.done.set(name, complete);
  return complete;
}

function readRequest({ value, keyFrom }: MapEntry): Request {
  if (value.kind !== "map") return { service: readString(value), file: null, from: value.from };
  const service = childOf(value, "service");
  const file = childOf(value, "file");
  if (service === null) throw composeError(keyFrom, "needs a service");
  return {
    service: readString(service),
    file: file === null ? null : absolutePath(requireLocal(readString(file), file.from), file.from),
    from: file?.from ?? service.from,
  };
}

function* siblingsAt(request: Request, own: Siblings, library: Library): Reading<Siblings> {
  const { file: path, from } = request;
  if (path === null) return own;
  const scope = { directory: directoryOf(path), lookup: from.scope.lookup };
  const documents = yield* library.documents(path, scope, from);
  const services = childOf(mergeDocuments(documents, path), "services");
  if (services === null) throw composeError(from, `the file ${path} has no services`);
  return siblingsOf(
    asMap(services),
    documents.flatMap((document) => document.cleared),
  );
}

/** What the extending service resets or overrides does not come from the other one. */
function withoutCleared(base: MapTree, name: string, cleared: readonly KeyPath[]): MapTree {
  if (cleared.length === 0) return base;
  const wrapped = (key: string, tree: Tree): MapTree => ({
    kind: "map",
    entries: new Map([[key, { keyFrom: base.from, value: tree }]]),
    from: base.from,
  });
  const left = withoutPaths(wrapped("services", wrapped(name, base)), cleared);
  return asMap(childOf(asMap(childOf(left, "services") ?? base), name) ?? base);
}
