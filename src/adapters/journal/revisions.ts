// Revisions on disk, one file each, mode 0600 (they hold environments). Refuses ids that are no file names and content
// whose checksum is wrong. Keeps the newest few and all that memory names.
import { createHash } from "node:crypto";
import { join } from "node:path";
import { BoardhandError, type RevisionSnapshot } from "../../core/model/index.ts";
import type { Log } from "../../ports/index.ts";
import { stateError } from "./failure.ts";
import { errnoOf, replaceFile, type StateFileSystem } from "./file-system.ts";

const KEPT_REVISIONS = 4;
const MAX_BYTES = 16 * 1024 * 1024;
/** Of the snapshot: one in another form is as good as lost, and the next look makes its own. */
const FORMAT = 2;
/** Passing, unlike what makes a file as good as lost. */
const PASSING: readonly string[] = ["EMFILE", "ENFILE"];

export class RevisionStore {
  readonly #fs: StateFileSystem;
  readonly #directory: string;
  readonly #log: Log;

  constructor(fs: StateFileSystem, directory: string, log: Log) {
    this.#fs = fs;
    this.#directory = directory;
    this.#log = log;
  }

  /** On disk when it resolves. `needed` are the ids that must stay beside the newest ones. Throws E_STATE. */
  async save(snapshot: RevisionSnapshot, needed: readonly string[]): Promise<void> {
    const project = join(this.#directory, snapshot.project.name);
    const path = join(project, `${checkedId(snapshot.id)}.json`);
    const body = JSON.stringify(snapshot);
    try {
      await this.#fs.makeDirectory(project);
      const [newest] = await this.#dated(snapshot.project.name);
      const head = JSON.stringify({ format: FORMAT, sha256: digest(body), order: (newest?.order ?? 0) + 1 });
      await replaceFile(this.#fs, path, Buffer.from(`${head}\n${body}\n`), "durable");
      // The project's own directory may be new.
      await this.#fs.syncDirectory(this.#directory);
    } catch (error) {
      throw stateError("the revision could not be written", path, error);
    }
    await this.#prune(snapshot.project.name, new Set([...needed, snapshot.id]));
  }

  /** Null when it is not there, not intact or cannot be read. Throws E_STATE for what passes. */
  async load(project: string, id: string): Promise<RevisionSnapshot | null> {
    const path = join(this.#directory, project, `${checkedId(id)}.json`);
    let text: string;
    try {
      text = (await this.#fs.read(path, MAX_BYTES)).toString("utf8");
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return null;
      const failure = stateError("the revision cannot be read", path, error);
      if (PASSING.includes(errnoOf(error))) throw failure;
      this.#log.warn({ path, err: failure }, "a revision cannot be read and is not used");
      return null;
    }
    const snapshot = decode(text)?.snapshot ?? null;
    if (snapshot === null || snapshot.id !== id || snapshot.project.name !== project) {
      this.#log.warn({ path }, "a revision is corrupt and is not used");
      return null;
    }
    return snapshot;
  }

  /** Those that are intact, the one written last first; none where the project has no directory. Throws E_STATE. */
  async all(project: string): Promise<readonly RevisionSnapshot[]> {
    const found: RevisionSnapshot[] = [];
    for (const id of await this.#ids(project)) {
      const snapshot = await this.load(project, id);
      if (snapshot !== null) found.push(snapshot);
    }
    return found;
  }

  async #ids(project: string): Promise<readonly string[]> {
    try {
      return (await this.#dated(project)).map(({ id }) => id);
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return [];
      throw stateError("the revisions cannot be listed", join(this.#directory, project), error);
    }
  }

  /** In the order of writing, newest first, whatever the clock showed; what is not intact comes last. */
  async #dated(project: string): Promise<readonly { readonly id: string; readonly order: number }[]> {
    const directory = join(this.#directory, project);
    const dated: { readonly id: string; readonly order: number; readonly madeAt: number }[] = [];
    for (const name of await this.#fs.list(directory)) {
      if (!name.endsWith(".json")) continue;
      const bytes = await this.#fs.read(join(directory, name), MAX_BYTES).catch(() => null);
      const found = bytes === null ? null : decode(bytes.toString("utf8"));
      const madeAt = found?.snapshot.madeAt ?? Number.NEGATIVE_INFINITY;
      dated.push({ id: name.slice(0, -".json".length), order: found?.order ?? -1, madeAt });
    }
    return dated.sort((a, b) => b.order - a.order || b.madeAt - a.madeAt || (a.id < b.id ? 1 : -1));
  }

  /** Tidying up: a failure is told and harms nothing. */
  async #prune(project: string, needed: ReadonlySet<string>): Promise<void> {
    const directory = join(this.#directory, project);
    try {
      for (const { id } of (await this.#dated(project)).slice(KEPT_REVISIONS)) {
        if (!needed.has(id)) await this.#fs.remove(join(directory, `${id}.json`));
      }
    } catch (error) {
      this.#log.warn({ directory, error }, "old revisions could not be tidied up");
    }
  }
}

function checkedId(id: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9:._-]{0,127}$/.test(id)) return id;
  throw new BoardhandError("E_STATE", `${JSON.stringify(id.slice(0, 80))} is no revision id`);
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

interface Decoded {
  readonly snapshot: RevisionSnapshot;
  /** Grows with each revision of the project; 0 in files that have none. */
  readonly order: number;
}

function decode(text: string): Decoded | null {
  const end = text.indexOf("\n");
  const body = text.slice(end + 1, -1);
  try {
    const head = JSON.parse(text.slice(0, end)) as {
      readonly format?: unknown;
      readonly sha256?: unknown;
      readonly order?: unknown;
    } | null;
    if (head?.format !== FORMAT || head.sha256 !== digest(body)) return null;
    const order = typeof head.order === "number" ? head.order : 0;
    return { snapshot: JSON.parse(body) as RevisionSnapshot, order };
  } catch {
    return null;
  }
}
