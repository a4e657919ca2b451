// The Journal port in memory, with the real fold, and with a list of what was written for tests to look at.
import {
  EMPTY_MEMORY,
  type JournalEntry,
  type ProjectMemory,
  type RevisionSnapshot,
} from "../../src/core/model/index.ts";
import { foldMemory } from "../../src/core/status/memory.ts";
import type { Journal } from "../../src/ports/index.ts";

export interface MemoryJournal extends Journal {
  readonly entries: readonly (JournalEntry & { readonly how: "durable" | "lazy" })[];
}

export function memoryJournal(): MemoryJournal {
  const entries: (JournalEntry & { how: "durable" | "lazy" })[] = [];
  const memories = new Map<string, ProjectMemory>();
  const revisions = new Map<string, RevisionSnapshot>();
  const cache = new Map<string, unknown>();
  const memory = (project: string) => memories.get(project) ?? EMPTY_MEMORY;
  return {
    entries,
    memory,
    ensure: async () => undefined,
    trouble: () => null,
    projects: () => [...memories.keys()].sort(),
    append: async (project, event, how) => {
      const entry = { seq: entries.length + 1, at: 0, project, event };
      entries.push({ ...entry, how });
      memories.set(project, foldMemory(memory(project), entry));
      return entry;
    },
    history: async () => [...entries].reverse(),
    saveRevision: async (snapshot) => {
      revisions.set(`${snapshot.project.name} ${snapshot.id}`, snapshot);
    },
    loadRevision: async (project, id) => revisions.get(`${project} ${id}`) ?? null,
    revisions: async (project) =>
      [...revisions.values()].filter((one) => one.project.name === project).reverse(),
    readCache: async (name) => cache.get(name),
    writeCache: async (name, value) => {
      cache.set(name, value);
    },
    close: async () => undefined,
  };
}
