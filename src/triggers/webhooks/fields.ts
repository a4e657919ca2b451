// Looks into a payload that a stranger wrote: only own keys, only the expected kinds, only so many items.

const MAX_ITEMS = 1_000;

/** The value at a path of keys; undefined where there is none. `__proto__` and `constructor` are keys like others. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let here = value;
  for (const key of path) {
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, key)) return undefined;
    here = Reflect.get(here, key);
  }
  return here;
}

/** The text at a path of keys; empty where there is none. */
export function textAt(value: unknown, ...path: readonly string[]): string {
  const found = at(value, ...path);
  return typeof found === "string" ? found : "";
}

/** The first items of the list at a path of keys; empty where there is none. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found.slice(0, MAX_ITEMS) : [];
}

/** The first of some texts that is not empty; empty when all are. */
export function firstOf(...texts: readonly string[]): string {
  return texts.find((text) => text !== "") ?? "";
}

/** `host[:port]` of a URL, without the port that its scheme implies; null when it is none. */
export function hostOfUrl(url: string): string | null {
  const host = URL.canParse(url) ? new URL(url).host : "";
  return host === "" ? null : host;
}

/** `host/name`, with or without `:tag` and `@digest`, taken apart; the host is null when there is no slash. */
export function splitImage(image: string): { readonly host: string | null; readonly name: string } {
  const [undigested = ""] = image.split("@", 1);
  const colon = undigested.indexOf(":", undigested.lastIndexOf("/") + 1);
  const whole = colon === -1 ? undigested : undigested.slice(0, colon);
  const slash = whole.indexOf("/");
  return slash < 1
    ? { host: null, name: whole }
    : { host: whole.slice(0, slash), name: whole.slice(slash + 1) };
}
