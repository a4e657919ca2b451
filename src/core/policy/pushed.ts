// Which services a push is news for: those whose tag it is, or that would choose the pushed per-architecture tag here.
// Refuses pinned digests and images that no registry is asked for.
import { parsePlatform, parseReference, tagCandidates } from "../image/index.ts";
import {
  BoardhandError,
  type DesiredProject,
  type DesiredService,
  formatPlatform,
  type ImageReference,
  type Platform,
  type PushHint,
} from "../model/index.ts";

/** What a hint means on this board. */
export interface PushContext {
  /** What the board runs; null while the engine has not said: then a per-architecture tag is nobody's. */
  readonly platform: Platform | null;
  /** Other names of a registry, by the name that images are pulled from: its mirrors, and what it calls itself. */
  readonly otherNames: ReadonlyMap<string, readonly string[]>;
}

/** Names that senders have for Docker Hub. */
const HUB_NAMES: readonly string[] = [
  "docker.io",
  "index.docker.io",
  "registry-1.docker.io",
  "registry.hub.docker.com",
  "hub.docker.com",
];

/**
 * Names of the services that this push is news for, in the project's order. A hint without a registry means that
 * repository wherever it is pulled from: at worst a look too many, as the registry decides what there is.
 */
export function servicesPushed(
  hint: PushHint,
  project: DesiredProject,
  context: PushContext,
): readonly string[] {
  return project.services.filter((service) => isNews(hint, service, context)).map(({ name }) => name);
}

function isNews(hint: PushHint, service: DesiredService, context: PushContext): boolean {
  if (service.pull === "never") return false;
  const wanted = wantedBy(service, context);
  if (wanted === null || wanted.reference.digest !== null) return false;
  const { reference, platform } = wanted;
  if (!isSameRegistry(hint.registry, reference.registry, context)) return false;
  const repository = isHub(reference.registry) ? withLibrary(hint.repository) : hint.repository;
  if (lastPart(repository) !== lastPart(reference.repository)) return false;
  const isPushed = (one: ImageReference): boolean => one.repository === repository && one.tag === hint.tag;
  if (isPushed(reference)) return true;
  return platform !== null && tagCandidates(reference, platform).some((one) => isPushed(one.reference));
}

/** Null for what is no reference or no platform: its service is held, and says so. */
function wantedBy(
  service: DesiredService,
  context: PushContext,
): { readonly reference: ImageReference; readonly platform: Platform | null } | null {
  const platform = service.platform ?? context.platform;
  try {
    // Compose files spell platforms in several ways.
    const canonical = platform === null ? null : parsePlatform(formatPlatform(platform));
    return { reference: parseReference(service.reference), platform: canonical };
  } catch (error) {
    if (error instanceof BoardhandError) return null;
    throw error;
  }
}

function isSameRegistry(told: string | null, pulled: string, { otherNames }: PushContext): boolean {
  if (told === null) return true;
  const name = told.toLowerCase();
  if (isHub(name) && isHub(pulled)) return true;
  return name === pulled.toLowerCase() || (otherNames.get(pulled) ?? []).includes(name);
}

function isHub(registry: string): boolean {
  return HUB_NAMES.includes(registry);
}

function withLibrary(repository: string): string {
  return repository.includes("/") ? repository : `library/${repository}`;
}

/** All that a per-architecture name has in common with the plain one. */
function lastPart(repository: string): string {
  return repository.slice(repository.lastIndexOf("/") + 1);
}
