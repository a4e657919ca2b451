// A config.json for one login: the user's own, in which this registry is kept in the file and nowhere else.
import { serverKey } from "./environment.ts";

type Json = Readonly<Record<string, unknown>>;

function objectOf(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

/** The same registry by other names: with a scheme, with a path. */
function isSameServer(key: string, host: string): boolean {
  const bare = (text: string) => text.replace(/^https?:\/\//, "").split("/")[0] ?? "";
  return bare(key) === bare(serverKey(host)) || bare(key) === host;
}

function without(entries: Json, host: string): Json {
  return Object.fromEntries(Object.entries(entries).filter(([key]) => !isSameServer(key, host)));
}

/**
 * `text` is the user's config.json, null where there is none. Other registries keep their logins and helpers, and docker its
 * contexts, proxies and plugins. An empty helper name takes a registry out of `credsStore` (docker/cli, credential stores), and
 * keeps docker from choosing one by itself. Null when the text is not a JSON object.
 */
export function privateConfig(text: string | null, host: string): string | null {
  let parsed: unknown;
  try {
    parsed = text === null || text.trim() === "" ? {} : JSON.parse(text);
  } catch {
    // The parser's message quotes the file, and the file holds passwords.
    return null;
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return null;
  const { auths, credHelpers, ...rest } = parsed as Json;
  const config = {
    ...rest,
    auths: without(objectOf(auths), host),
    credHelpers: { ...without(objectOf(credHelpers), host), [serverKey(host)]: "" },
  };
  return JSON.stringify(config);
}
