// Where the disk of images can be seen from here. In a container its data root is another board's path, so what the
// engine itself has put into that container is asked instead.
import type { AgentConfig, EngineFacts } from "../core/model/index.ts";
import type { Engine, Host } from "../ports/index.ts";

export interface FreeSpaceDeps {
  readonly host: Pick<Host, "freeBytes" | "ownContainerIds">;
  readonly engine: Pick<Engine, "inspectContainer">;
  readonly config: Pick<AgentConfig, "docker">;
}

export interface FreeSpace {
  readonly bytes: number;
  /** The path that was looked at. */
  readonly seenAt: string;
}

/** A file of the container that the engine keeps below its data root. */
const OWN_FILE = "/etc/hostname";
/** The top of the container's own layers: an overlay tells the size of the file system it writes to. */
const OWN_LAYERS = "/";
/** Where a containerd that is not the engine's own keeps images. */
const CONTAINERD_ROOT = "/var/lib/containerd";

/** Free bytes where the engine keeps images; null when that cannot be seen from here. Throws what the engine throws. */
export async function freeForImages(
  { dataRoot, store }: Pick<EngineFacts, "dataRoot" | "store">,
  deps: FreeSpaceDeps,
): Promise<FreeSpace | null> {
  if (await isInContainerOfEngine(deps))
    return least([store === "containerd" ? OWN_LAYERS : OWN_FILE], deps.host);
  if (!isOnThisMachine(deps.config.docker.host)) return null;
  const root = await least([dataRoot], deps.host);
  return root === null || store === "classic" ? root : least([dataRoot, CONTAINERD_ROOT], deps.host);
}

/** Of the paths that are there, the one with the least. */
async function least(paths: readonly string[], host: FreeSpaceDeps["host"]): Promise<FreeSpace | null> {
  let found: FreeSpace | null = null;
  for (const seenAt of paths) {
    const bytes = await host.freeBytes(seenAt);
    if (bytes !== null && (found === null || bytes < found.bytes)) found = { bytes, seenAt };
  }
  return found;
}

/** The engine that is asked need not be the one whose container this is. */
async function isInContainerOfEngine({ host, engine }: FreeSpaceDeps): Promise<boolean> {
  for (const id of await host.ownContainerIds()) {
    if ((await engine.inspectContainer(id)) !== null) return true;
  }
  return false;
}

function isOnThisMachine(address: string): boolean {
  return /^unix:|^tcp:\/\/(?:127\.|localhost[:/]|\[::1\])/.test(address);
}
