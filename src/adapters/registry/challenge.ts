// Reads `WWW-Authenticate` (RFC 9110 section 11.6.1) as far as registries use it: Bearer and Basic.

export type Challenge =
  | { readonly kind: "basic" }
  | {
      readonly kind: "bearer";
      readonly realm: string;
      readonly service: string | null;
      readonly scope: string | null;
    };

const HEADER_MAX = 4096;
const PARAMETER = /([a-zA-Z_]+)=(?:"([^"]*)"|([^\s,"]+))/g;

function bearer(parameters: string): Challenge | null {
  const found = new Map<string, string>();
  for (const [, name = "", quoted, bare] of parameters.matchAll(PARAMETER)) {
    if (!found.has(name.toLowerCase())) found.set(name.toLowerCase(), quoted ?? bare ?? "");
  }
  const realm = found.get("realm");
  if (realm === undefined || !URL.canParse(realm)) return null;
  return { kind: "bearer", realm, service: found.get("service") ?? null, scope: found.get("scope") ?? null };
}

/** Null when the registry names no scheme that Boardhand speaks. Bearer wins where both are offered. */
export function parseChallenge(header: string | null): Challenge | null {
  const text = (header ?? "").slice(0, HEADER_MAX);
  const token = /(?:^|,)\s*bearer\s+(.*)$/i.exec(text);
  if (token !== null) return bearer(token[1] ?? "");
  return /(?:^|,)\s*basic(?:\s|,|$)/i.test(text) ? { kind: "basic" } : null;
}
