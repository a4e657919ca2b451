// Takes an image reference apart as the engine would (distribution's reference grammar) and refuses what the engine would refuse.
import { BoardhandError } from "../model/error.ts";
import type { Digest, ImageReference } from "../model/image.ts";

const HUB = "docker.io";
const HUB_ALIASES: readonly string[] = [HUB, "index.docker.io", "registry-1.docker.io"];
const WRITTEN_LENGTH_MAX = 1024;
const NAME_LENGTH_MAX = 255;

const HOST = /^(?:\[[0-9a-fA-F:]+\]|[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?)(?::[0-9]{1,5})?$/;
const PATH_COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const IDENTIFIER = /^[0-9a-f]{64}$/;

/** Whether `text` is a digest that Boardhand works with (sha256, the only one registries use in practice). */
export function isDigest(text: unknown): text is Digest {
  return typeof text === "string" && DIGEST.test(text);
}

function refuse(written: string, why: string, hint: string): BoardhandError {
  const shown = written.length > 120 ? `${written.slice(0, 120)}…` : written;
  return new BoardhandError("E_COMPOSE", `"${shown}" is not an image reference: ${why}`, {
    hint,
    data: { reference: shown },
  });
}

/** The part before the first slash is a host only if it cannot be a path: a dot, a port, `localhost` or an upper-case letter. */
function splitHost(name: string): { readonly host: string; readonly path: string } {
  const slash = name.indexOf("/");
  const first = slash === -1 ? "" : name.slice(0, slash);
  const isHost = /[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase();
  return isHost ? { host: first, path: name.slice(slash + 1) } : { host: HUB, path: name };
}

function checkPath(written: string, path: string): void {
  if (path === "") throw refuse(written, "the name is empty", "Write it as NAME, NAME:TAG or HOST/NAME:TAG.");
  if (path !== path.toLowerCase()) {
    throw refuse(written, "the name has upper-case letters", `Write it as ${path.toLowerCase()}.`);
  }
  const bad = path.split("/").find((component) => !PATH_COMPONENT.test(component));
  if (bad !== undefined) {
    throw refuse(
      written,
      `"${bad}" is not allowed in a name`,
      "Use lower-case letters, digits and single separators (. _ __ -) between them.",
    );
  }
}

function splitDigest(written: string): { readonly rest: string; readonly digest: Digest | null } {
  const at = written.indexOf("@");
  if (at === -1) return { rest: written, digest: null };
  const digest = written.slice(at + 1);
  if (!isDigest(digest)) {
    throw refuse(written, "the digest is not sha256: with 64 lower-case hex digits", "Copy the digest anew.");
  }
  return { rest: written.slice(0, at), digest };
}

function splitTag(written: string, rest: string): { readonly name: string; readonly tag: string | null } {
  const colon = rest.indexOf(":", rest.lastIndexOf("/") + 1);
  if (colon === -1) return { name: rest, tag: null };
  const tag = rest.slice(colon + 1);
  if (!TAG.test(tag)) {
    throw refuse(
      written,
      `"${tag}" is not a tag`,
      "A tag has up to 128 letters, digits, dots, dashes and underscores.",
    );
  }
  return { name: rest.slice(0, colon), tag };
}

/**
 * The canonical form of what a compose file says: `nginx` is docker.io, `library/nginx`, `latest`.
 * Throws BoardhandError E_COMPOSE. Grammar: distribution/reference, normalize.go and regexp.go.
 */
export function parseReference(written: string): ImageReference {
  if (written.length > WRITTEN_LENGTH_MAX) throw refuse(written, "it is too long", "Shorten the name.");
  const { rest, digest } = splitDigest(written);
  const { name, tag } = splitTag(written, rest);
  const { host, path } = splitHost(name);
  if (!HOST.test(host) || host.includes("..")) {
    throw refuse(written, `"${host}" is not a host`, "Write the registry as HOST or HOST:PORT.");
  }
  checkPath(written, path);
  if (host === HUB && IDENTIFIER.test(path)) {
    throw refuse(written, "64 hex digits are an image ID, not a name", "Give the image a name and a tag.");
  }
  const registry = HUB_ALIASES.includes(host) ? HUB : host;
  const repository = registry === HUB && !path.includes("/") ? `library/${path}` : path;
  if (registry.length + 1 + repository.length > NAME_LENGTH_MAX) {
    throw refuse(
      written,
      `host and name are longer than ${NAME_LENGTH_MAX} characters together`,
      "Shorten the name.",
    );
  }
  return { written, registry, repository, tag: tag ?? (digest === null ? "latest" : null), digest };
}

/** The same for a text that need not be a reference: null for what is none. */
export function readReference(written: string): ImageReference | null {
  try {
    return parseReference(written);
  } catch (error) {
    if (error instanceof BoardhandError) return null;
    throw error;
  }
}

/** Whether it names a repository and nothing in it: neither tag nor digest. */
export function isRepository(written: string): boolean {
  const tagged = written.slice(written.lastIndexOf("/") + 1).includes(":");
  const reference = readReference(written);
  return reference !== null && reference.digest === null && !tagged;
}

/** `host/path` without tag or digest in the engine's own short form: `nginx`, `user/app`, `ghcr.io/x/y`. */
export function engineName(reference: Pick<ImageReference, "registry" | "repository">): string {
  if (reference.registry !== HUB) return `${reference.registry}/${reference.repository}`;
  return reference.repository.replace(/^library\/(?=[^/]+$)/, "");
}

/** `registry/repository`, the same for all spellings of one repository. */
export function repositoryKey(reference: Pick<ImageReference, "registry" | "repository">): string {
  return `${reference.registry}/${reference.repository}`;
}
