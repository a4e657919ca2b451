// The project's name (compose.md 1.6) and the rules for names of services, networks and volumes.
import { BoardhandError } from "../../model/index.ts";
import { composeError, type Origin, quote } from "../errors.ts";
import { baseName } from "../values/path.ts";

/** Lower case, only `[a-z0-9_-]`, no leading `_` or `-`. */
export function normaliseName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, "")
    .replace(/^[_-]+/, "");
}

export interface NameSources {
  /** Given by configuration; must already be in normal form. */
  readonly given: string | null;
  /** COMPOSE_PROJECT_NAME of the project's environment; must already be in normal form. */
  readonly fromEnvironment: string | null;
  /** The last top-level `name:` that is not empty, interpolated; null where there is none. */
  readonly fromFile: string | null;
  readonly directory: string;
}

/** The first source that says something; throws E_COMPOSE when nothing usable is left. */
export function projectName(sources: NameSources): string {
  for (const name of [sources.given, sources.fromEnvironment]) {
    if (name === null || name === "") continue;
    if (name === normaliseName(name)) return name;
    throw nameError(sources.directory, `${quote(name)} is not a project name`);
  }
  const { fromFile, directory } = sources;
  const name = normaliseName(fromFile ?? baseName(directory));
  const source = fromFile === null ? "the directory's name" : `the name ${quote(fromFile)}`;
  if (name === "") throw nameError(directory, `no project name can be made of ${source}`);
  return name;
}

function nameError(directory: string, what: string): BoardhandError {
  return new BoardhandError("E_COMPOSE", `${directory}: ${what}`, {
    hint: "use lower-case letters, digits, _ and -, beginning with a letter or digit",
    data: { file: directory, line: 1, column: 1, key: "name" },
  });
}

/** Names of services, networks and volumes. */
export function checkResourceName(name: string, from: Origin): void {
  if (!/^[a-zA-Z0-9._-]{1,200}$/.test(name)) {
    throw composeError(from, `${quote(name)} is not a usable name`, "use letters, digits, _ . and -");
  }
}
