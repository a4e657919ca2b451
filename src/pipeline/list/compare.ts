// What is different between the list that was meant and the one that a registry has, said per platform.
import { type IndexEntry, parseManifest } from "../../core/image/index.ts";
import { BoardhandError, formatPlatform } from "../../core/model/index.ts";
import { type ListEntry, sortEntries } from "./document.ts";

const SHORT = 19;

/** `sha256:0123456789ab` */
function short(digest: string): string {
  return digest.slice(0, SHORT);
}

function nameOf({ platform, attachment }: IndexEntry): string {
  if (platform !== null) return formatPlatform(platform);
  return attachment ? "an attachment" : "an entry without a platform";
}

function compareEntries(wanted: readonly ListEntry[], found: readonly IndexEntry[]): readonly string[] {
  const sorted = sortEntries(wanted);
  const names = sorted.map(({ platform }) => formatPlatform(platform));
  const foundNames = found.map(nameOf);
  const differences = sorted.flatMap((entry, at) => {
    const name = names[at] ?? "";
    const there = found[foundNames.indexOf(name)];
    if (there === undefined) return [`${name} is missing`];
    if (there.digest === entry.digest) return [];
    return [`${name} is ${short(there.digest)} instead of ${short(entry.digest)}`];
  });
  const more = foundNames.filter((name) => !names.includes(name)).map((name) => `${name} is there too`);
  if (differences.length + more.length > 0) return [...differences, ...more];
  const inOrder = names.length === foundNames.length && names.every((name, at) => name === foundNames[at]);
  return inOrder ? [] : [`the order is ${foundNames.join(", ")}`];
}

/**
 * The differences, for people; empty when what was found (a manifest's media type and body, as a registry answered) is a list
 * of the wanted images in their order. Never throws.
 */
export function compareLists(
  wanted: readonly ListEntry[],
  found: { readonly mediaType: string; readonly body: unknown },
): readonly string[] {
  try {
    const manifest = parseManifest(found.mediaType, found.body);
    if (manifest.kind === "image") return ["it is a single image, not a list"];
    return compareEntries(wanted, manifest.entries);
  } catch (error) {
    if (error instanceof BoardhandError) return [error.message];
    throw error;
  }
}
