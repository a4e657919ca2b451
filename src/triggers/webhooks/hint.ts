// From what a payload says to a hint that may be compared and logged: the grammar of image references decides. What names no
// tag that a compose file could name (an empty one, a digest, a signature's) is refused.
import { readReference } from "../../core/image/index.ts";
import type { PushHint } from "../../core/model/index.ts";
import type { Push } from "./provider.ts";

/** Stands where a payload names no registry; never leaves this file. */
const NOWHERE = "nowhere.invalid";
/** `sha256-HEX`, `sha256-HEX.sig`: where signatures, attestations and referrers are kept. */
const REFERRERS = /^sha256-[0-9a-f]{64}/;

/** Null when it is no push of a tag. */
export function hintOf(push: Push): PushHint | null {
  const { tag } = push;
  if (tag === "" || REFERRERS.test(tag)) return null;
  const host = push.registry === null || !isHost(push.registry) ? NOWHERE : push.registry;
  const read = readReference(`${host}/${push.repository}:${tag}`);
  // A repository or tag with a colon or an @ of its own would be read as something else.
  if (read === null || read.tag !== tag || read.digest !== null) return null;
  const registry = read.registry === NOWHERE ? null : read.registry;
  return { registry, repository: read.repository, tag };
}

/** A name without dot or port, such as that of a container, is no host that an image could be pulled from. */
function isHost(registry: string): boolean {
  return /^[\w.:[\]-]{1,255}$/.test(registry) && (/[.:]/.test(registry) || registry === "localhost");
}
