// A service's environment: its files in order, then `environment`, then what is passed through (compose.md 1.8).
import type { ServiceSpec } from "../../model/index.ts";
import { parseDotenv, parseRawEnv } from "../environment/dotenv.ts";
import { composeError } from "../errors.ts";
import { sortedRecord } from "../read.ts";
import type { ServiceDraft } from "./service.ts";

/** Characters of environment files, each counted once for every service that names it. */
const MAX_ENV_TEXT = 32 * 1024 * 1024;

/** Each service reads its files anew, since they may use its own variables; throws E_COMPOSE when that is too much. */
export function checkEnvWork(
  services: readonly ServiceDraft[],
  texts: ReadonlyMap<string, string | null>,
): void {
  let total = 0;
  for (const file of services.flatMap((service) => service.envFiles)) {
    total += texts.get(file.path)?.length ?? 0;
    if (total > MAX_ENV_TEXT)
      throw composeError(file.from, "the services' environment files are larger than 32 MiB");
  }
}

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
  for (const file of draft.envFiles.filter(({ into }) => into === "environment")) {
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
  const spec = { ...rest, ...labelsOf(draft, texts) };
  return values.size === 0 ? spec : { ...spec, environment: sortedRecord(values) };
}

/** `labels` over the label files in their order; a file may use the labels of the files before it, and nothing else. */
function labelsOf(
  draft: ServiceDraft,
  texts: ReadonlyMap<string, string | null>,
): Pick<ServiceSpec, "labels"> {
  const labels = new Map<string, string>();
  for (const file of draft.envFiles.filter(({ into }) => into === "labels")) {
    const text = texts.get(file.path) ?? null;
    if (text === null)
      throw composeError(file.from, `the label file ${file.path} does not exist`, "create it");
    const read = parseDotenv(text, { file: file.path, lookup: (name) => labels.get(name) });
    for (const [key, value] of read) if (value !== null) labels.set(key, value);
  }
  for (const [key, value] of Object.entries(draft.spec.labels ?? {})) labels.set(key, value);
  return labels.size === 0 ? {} : { labels: sortedRecord(labels) };
}
