// In which container this process runs, from what the kernel shows of it: candidates, to be verified with the engine.
import { hostname } from "node:os";
import { join } from "node:path";
import { readSmall } from "./read-small.ts";

const ID = "[0-9a-f]{64}";
/** Where the engine mounts files of its own, which it keeps in a directory that is named by the container's id. */
const TARGETS = ["/etc/hostname", "/etc/hosts", "/etc/resolv.conf", "/run/.containerenv"];
const OWN_FILE = new RegExp(`/(?:overlay-)?containers/(${ID})/(?:userdata/)?[a-z.]+$`);
/** `/docker/ID`, `/system.slice/docker-ID.scope`, `/machine.slice/libpod-ID.scope/container`. */
const CGROUP = new RegExp(`[/-](${ID})(?=/|\\.scope|$)`, "g");
const SHORT_ID = /^[0-9a-f]{12}$/;

/**
 * Ids of the container that this process may be running in, best first; empty outside of any. The cgroup names it itself.
 * The mounted files are another container's where that one's network is shared. A host name may have been chosen to look
 * like a short id.
 */
export async function ownContainerIds(
  options: { readonly procRoot?: string; readonly hostname?: string } = {},
): Promise<readonly string[]> {
  const self = join(options.procRoot ?? "/proc", "self");
  const [cgroup, mountinfo] = await Promise.all([
    readSmall(join(self, "cgroup")),
    readSmall(join(self, "mountinfo")),
  ]);
  return candidates(cgroup ?? "", mountinfo ?? "", options.hostname ?? hostname());
}

function candidates(cgroup: string, mountinfo: string, host: string): readonly string[] {
  const found = [
    ...cgroup.split("\n").flatMap(fromCgroup),
    ...mountinfo.split("\n").flatMap(fromMount),
    ...(SHORT_ID.test(host) ? [host] : []),
  ];
  return [...new Set(found)];
}

/** The last one of a line: an engine inside a container has that one's id further up. */
function fromCgroup(line: string): readonly string[] {
  const id = [...line.matchAll(CGROUP)].at(-1)?.[1];
  return id === undefined ? [] : [id];
}

/** The fourth field is the path in the file system that is mounted, the fifth where. */
function fromMount(line: string): readonly string[] {
  const [, , , root = "", target = ""] = line.split(" ");
  const id = TARGETS.includes(target) ? OWN_FILE.exec(root)?.[1] : undefined;
  return id === undefined ? [] : [id];
}
