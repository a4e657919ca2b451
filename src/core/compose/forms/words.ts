// Words of a service that have a grammar of their own: image, container name, restart, platform, pull policy.
import { parsePlatform } from "../../image/platform.ts";
import { BoardhandError } from "../../model/index.ts";
import { composeError, quote } from "../errors.ts";
import { readString, readStringOrNumber } from "../read.ts";
import type { Tree } from "../tree.ts";

export function readImage(tree: Tree): string {
  const image = readString(tree);
  if (image === "" || /\s/.test(image)) throw composeError(tree.from, "must name an image");
  return image;
}

export function readContainerName(tree: Tree): string {
  const name = readString(tree);
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name)) return name;
  throw composeError(tree.from, `${quote(name)} is not a container name`, "use letters, digits, _ . and -");
}

export function readRestart(tree: Tree): string {
  const restart = readString(tree);
  if (/^(|no|always|unless-stopped|on-failure(:\d{1,6})?)$/.test(restart)) return restart;
  throw composeError(
    tree.from,
    `${quote(restart)} is not a restart policy`,
    "use no, always, unless-stopped, on-failure or on-failure:N",
  );
}

/** Kept as written; what it means is decided where the service is described. */
export function readPlatform(tree: Tree): string {
  const platform = readString(tree);
  if (platform === "") return platform;
  try {
    parsePlatform(platform);
  } catch (error) {
    if (!(error instanceof BoardhandError)) throw error;
    throw composeError(tree.from, error.message, error.hint ?? undefined);
  }
  return platform;
}

export function readPullPolicy(tree: Tree): string {
  const policy = readStringOrNumber(tree);
  if (policy === "if_not_present") return "missing";
  if (
    /^(always|never|missing|build|refresh|daily|weekly|every_\d{1,6}[smhdw]?(\d{1,6}[smhdw])*)$/.test(policy)
  )
    return policy;
  throw composeError(
    tree.from,
    `${quote(policy)} is not a pull policy`,
    "use always, missing, never, daily, weekly or every_<duration>",
  );
}
