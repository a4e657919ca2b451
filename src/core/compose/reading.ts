// Work that needs further files while it goes on: core stays without I/O, whoever drives it reads and answers.
import type { ParseYaml } from "../model/index.ts";
import { composeError } from "./errors.ts";
import type { Planted, Planter } from "./stages/plant.ts";
import type { Place, Scope } from "./tree.ts";

/** Yields absolute paths; each is answered with the file's text, or null where there is no such file. */
export type Reading<T> = Generator<string, T, string | null>;

/** Files that `extends` and `include` may pull in; a file counts again for each environment it is read in. */
const MAX_FILES = 256;
/** Characters of these files. */
const MAX_TEXT = 16 * 1024 * 1024;
/** Addresses that docker compose fetches with git or from a registry. */
const REMOTE = /^([a-z][a-z0-9+.-]*:\/\/|git@|github\.com\/)/i;

/** Reads and plants the further files of one project, each once for each scope, within one bound. */
export interface Library {
  /** The documents of a compose file; throws E_COMPOSE at `from` where there is none. */
  documents(path: string, scope: Scope, from: Place): Reading<readonly Planted[]>;
  /** Null where there is no such file. */
  text(path: string, from: Place): Reading<string | null>;
}

interface Shelved {
  readonly scope: Scope;
  readonly documents: readonly Planted[];
}

export function createLibrary(plant: Planter, parse: ParseYaml): Library {
  const texts = new Map<string, string | null>();
  const shelves = new Map<string, Shelved[]>();
  let files = 0;
  let characters = 0;
  const spend = (text: string | null, from: Place): void => {
    files += 1;
    characters += text?.length ?? 0;
    if (files > MAX_FILES) throw composeError(from, `more than ${MAX_FILES} files are pulled in`);
    if (characters > MAX_TEXT)
      throw composeError(from, "the files pulled in are larger than 16 MiB together");
  };
  function* text(path: string, from: Place): Reading<string | null> {
    const known = texts.get(path);
    if (known !== undefined) return known;
    const answer = yield path;
    spend(answer, from);
    texts.set(path, answer);
    return answer;
  }
  function* documents(path: string, scope: Scope, from: Place): Reading<readonly Planted[]> {
    const shelf = shelves.get(path) ?? [];
    const same = shelf.find(
      (one) => one.scope.directory === scope.directory && one.scope.lookup === scope.lookup,
    );
    if (same !== undefined) return same.documents;
    const found = yield* text(path, from);
    if (found === null) throw composeError(from, `the file ${path} does not exist`);
    if (shelf.length > 0) spend(found, from);
    const planted = parse(found, path).map((node) => plant(node, path, scope));
    shelves.set(path, [...shelf, { scope, documents: planted }]);
    return planted;
  }
  return { documents, text };
}

/** Refuses addresses: only what lies on this machine can be read. */
export function requireLocal(path: string, from: Place): string {
  if (!REMOTE.test(path)) return path;
  throw composeError(from, "is not a file on this machine", "fetch it and name the file");
}
