// A service's environment: its files in order, then `environment`, then what is passed through (compose.md 1.8).
import type { ServiceSpec } from "../../model/index.ts";
import { parseDotenv, parseRawEnv } from "../environment/dotenv.ts";
import { composeError } from "../errors.ts";
import { sortedRecord } from "../read.ts";
import type { ServiceDraft } from "./service.ts";

/**
 * A service with its environment resolved. `texts` has the text of each environment file by path, null where there is
 * no such file. Throws E_COMPOSE for a required file that is missing and for one that cannot be parsed.
 */
export function withEnvironment(
  draft: ServiceDraft,
  texts: ReadonlyMap<string, string | null>,
  lookup: (name: string) => string | undefined,
): ServiceSpec {
  const own = draft.spec.environment ?? {};
  const ownValue = (name: string): string | undefined =>
    Object.hasOwn(own, name) ? (own[name] ?? undefined) : undefined;
  const values = new Map<string, string | null>();
  for (const file of draft.envFiles) {
    const text = texts.get(file.path) ?? null;
    if (text === null) {
      if (!file.required) continue;
      throw composeError(
        file.from,
        `the environment file ${file.path} does not exist`,
        "create it, or say required: false",
      );
    }
    const parse = file.format === "raw" ? parseRawEnv : parseDotenv;
    const read = parse(text, {
      file: file.path,
      lookup: (name) => lookup(name) ?? ownValue(name) ?? values.get(name) ?? undefined,
    });
    for (const [key, value] of read) values.set(key, value);
  }
  for (const [key, value] of Object.entries(own)) values.set(key, value ?? lookup(key) ?? null);
  const { environment: _, ...rest } = draft.spec;
  return values.size === 0 ? rest : { ...rest, environment: sortedRecord(values) };
}
