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
    const head = JSON.stringify({ format: FORMAT, sha256: digest(body) });
    try {
      await this.#fs.makeDirectory(project);
      await replaceFile(this.#fs, path, Buffer.from(`${head}\n${body}\n`), "durable");
      // The project's own directory may be new.
      await this.#fs.syncDirectory(this.#directory);
    } catch (error) {
      throw stateError("the revision could not be written", path, error);
    }
    await this.#prune(snapshot.project.name, new Set([...needed, snapshot.id]));
  }

  /** Null when it is not there or not intact. Throws E_STATE when it cannot be read. */
  async load(project: string, id: string): Promise<RevisionSnapshot | null> {
    const path = join(this.#directory, project, `${checkedId(id)}.json`);
    let text: string;
    try {
      text = (await this.#fs.read(path, MAX_BYTES)).toString("utf8");
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return null;
      throw stateError("the revision cannot be read", path, error);
    }
    const snapshot = decode(text);
    if (snapshot === null || snapshot.id !== id || snapshot.project.name !== project) {
      this.#log.warn({ path }, "a revision is corrupt and is not used");
      return null;
    }
    return snapshot;
  }

  /** Ids on disk; none where the project has no directory. Throws E_STATE. */
  async list(project: string): Promise<readonly string[]> {
    const directory = join(this.#directory, project);
    try {
      return (await this.#fs.list(directory)).flatMap((name) =>
        name.endsWith(".json") ? [name.slice(0, -".json".length)] : [],
      );
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return [];
      throw stateError("the revisions cannot be listed", directory, error);
    }
  }

  /** Tidying up: a failure is told and harms nothing. */
  async #prune(project: string, needed: ReadonlySet<string>): Promise<void> {
    const directory = join(this.#directory, project);
    try {
      const names = (await this.#fs.list(directory)).filter((name) => name.endsWith(".json"));
      if (names.length <= KEPT_REVISIONS) return;
      const dated: { readonly name: string; readonly madeAt: number }[] = [];
      for (const name of names) {
        const snapshot = decode((await this.#fs.read(join(directory, name), MAX_BYTES)).toString("utf8"));
        dated.push({ name, madeAt: snapshot?.madeAt ?? Number.NEGATIVE_INFINITY });
      }
      dated.sort((a, b) => b.madeAt - a.madeAt || (a.name < b.name ? 1 : -1));
      for (const { name } of dated.slice(KEPT_REVISIONS)) {
        if (!needed.has(name.slice(0, -".json".length))) await this.#fs.remove(join(directory, name));
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

function decode(text: string): RevisionSnapshot | null {
  const end = text.indexOf("\n");
  const body = text.slice(end + 1, -1);
  try {
    const head = JSON.parse(text.slice(0, end)) as {
      readonly format?: unknown;
      readonly sha256?: unknown;
    } | null;
    if (head?.format !== FORMAT || head.sha256 !== digest(body)) return null;
    return JSON.parse(body) as RevisionSnapshot;
  } catch {
    return null;
  }
}
