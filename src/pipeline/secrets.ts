// Keeps secrets out of images and out of output: warns of those in build arguments, and takes known ones out of every line.
import type { MatrixRow } from "../core/model/index.ts";

const SECRET_NAME =
  /(?:^|[_-])pass(?:$|[_-])|passw(?:or)?d|passphrase|secret|token|credential|(?:^|[_-])(?:api|access|private|signing|auth)?_?key$|apikey/i;
/** How well-known services mark their tokens. */
const SECRET_VALUE =
  /^(?:gh[pousr]_|github_pat_|glpat-|npm_|dckr_pat_|xox[abpr]-|AKIA|sk-|-----BEGIN [A-Z ]*PRIVATE KEY)/;
/** Shorter ones are words such as `yes`, and taking them out would spoil every line. */
const REDACTED_MIN = 6;
const REDACTED = "[redacted]";

type Environment = Readonly<Record<string, string | undefined>>;

/** One line for each build argument that looks like a secret; its value is never in it. */
export function secretWarnings(rows: readonly MatrixRow[], environment: Environment): readonly string[] {
  const known = new Set(secretValues(environment, rows));
  const names = new Map<string, string[]>();
  for (const { arch, buildArgs } of rows) {
    for (const [name, value] of Object.entries(buildArgs)) {
      if (!isSecret(name, value) && !known.has(value)) continue;
      names.set(name, [...(names.get(name) ?? []), arch]);
    }
  }
  return [...names].map(
    ([name, archs]) =>
      `the build argument ${name} (${archs.join(", ")}) looks like a secret: anyone who has the image can read it in its history. Use secrets: [{id: ${name.toLowerCase()}, env: ${name}}] and RUN --mount=type=secret`,
  );
}

function isSecret(name: string, value: string): boolean {
  return value !== "" && (SECRET_NAME.test(name) || SECRET_VALUE.test(value));
}

/** A function that takes every secret of the environment and of the rows out of a text. */
export function redactor(environment: Environment, rows: readonly MatrixRow[]): (text: string) => string {
  // The longest first, so that a secret within another leaves nothing of the longer one.
  const values = secretValues(environment, rows).sort((a, b) => b.length - a.length);
  return (text) => values.reduce((left, value) => left.replaceAll(value, REDACTED), text);
}

function secretValues(environment: Environment, rows: readonly MatrixRow[]): string[] {
  const named = new Set(rows.flatMap(({ secrets }) => secrets.map(({ env }) => env)));
  const values = Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined && (named.has(name) || isSecret(name, value)) ? value.split("\n") : [],
  );
  return [...new Set(values.map((value) => value.trim()))].filter((value) => value.length >= REDACTED_MIN);
}
