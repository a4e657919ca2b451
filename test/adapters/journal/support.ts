// A journal in a temporary directory, a log that remembers, and a file system that fails at the n-th change.
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeFileSystem, type StateFileSystem } from "../../../src/adapters/journal/file-system.ts";
import { openJournal } from "../../../src/adapters/journal/index.ts";
import type { JournalEvent, RevisionSnapshot } from "../../../src/core/model/index.ts";
import { foldMemory, isUnderWay, rememberedRevisions } from "../../../src/core/status/memory.ts";
import type { Clock, Journal, Log } from "../../../src/ports/index.ts";

export const clock: Clock = {
  now: () => 1_000,
  monotonic: () => 0,
  sleep: async () => undefined,
  random: () => 0,
};

export function memoryLog(): { readonly log: Log; readonly lines: string[] } {
  const lines: string[] = [];
  const add = (fields: Readonly<Record<string, unknown>>, message: string): void => {
    lines.push(`${message} ${JSON.stringify(fields)}`);
  };
  return { log: { debug: add, info: add, warn: add, error: add }, lines };
}

export async function temporaryDirectory(): Promise<string> {
  return await mkdtemp(join(tmpdir(), "bh-journal-"));
}

export async function open(
  directory: string,
  more: { readonly readOnly?: boolean; readonly fileSystem?: StateFileSystem; readonly log?: Log } = {},
): Promise<Journal> {
  return await openJournal({
    directory,
    clock,
    log: memoryLog().log,
    fold: foldMemory,
    isUnderWay,
    remembered: rememberedRevisions,
    ...more,
  });
}

/** An entry that is told apart by its number and may be made long. */
export function numbered(n: number, length = 0): JournalEvent {
  return { type: "plan", trigger: String(n), revision: "r", rendered: "x".repeat(length) };
}

export async function numbers(journal: Journal, project = "web"): Promise<readonly number[]> {
  const entries = await journal.history(project, 10_000);
  return entries.map(({ event }) => (event.type === "plan" ? Number(event.trigger) : Number.NaN)).reverse();
}

export function revision(id: string, madeAt: number, project = "web"): RevisionSnapshot {
  return {
    id,
    project: {
      name: project,
      directory: "/projects/web",
      files: [],
      environmentFiles: [],
      composeRevision: "c",
      services: [],
      disabledServices: [],
      networks: [],
      volumes: [],
    },
    images: {},
    madeAt,
  };
}

/** Fails the n-th changing call (1-based) with `errno`; a failing write leaves half of its bytes, as a full disk does. */
export function failingAt(
  n: number,
  errno: string,
): { readonly fs: StateFileSystem; readonly failed: () => boolean } {
  let calls = 0;
  const count = (): void => {
    calls += 1;
    if (calls === n) throw Object.assign(new Error(`${errno}: injected`), { code: errno });
  };
  const fs: StateFileSystem = {
    ...nodeFileSystem,
    async open(path, flags, mode) {
      count();
      const file = await nodeFileSystem.open(path, flags, mode);
      return {
        ...file,
        async write(bytes, position) {
          calls += 1;
          if (calls !== n) return await file.write(bytes, position);
          await file.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), position);
          throw Object.assign(new Error(`${errno}: injected`), { code: errno });
        },
        async sync() {
          count();
          await file.sync();
        },
        async truncate(size) {
          count();
          await file.truncate(size);
        },
      };
    },
    async makeDirectory(path) {
      count();
      await nodeFileSystem.makeDirectory(path);
    },
    async rename(from, to) {
      count();
      await nodeFileSystem.rename(from, to);
    },
    async link(from, to) {
      count();
      await nodeFileSystem.link(from, to);
    },
    async remove(path) {
      count();
      await nodeFileSystem.remove(path);
    },
    async syncDirectory(path) {
      count();
      await nodeFileSystem.syncDirectory(path);
    },
  };
  return { fs, failed: () => calls >= n };
}
