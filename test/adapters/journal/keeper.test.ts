// The agent's journal on real file systems that are full, read-only, gone or something else: it opens, says so, begins
// nothing, ends what is under way, and goes on when it can, with everything it knew.
import { execFileSync } from "node:child_process";
import { mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keepJournal } from "../../../src/adapters/journal/index.ts";
import type { JournalEvent } from "../../../src/core/model/index.ts";
import { foldMemory, isUnderWay, rememberedRevisions } from "../../../src/core/status/memory.ts";
import type { Journal } from "../../../src/ports/index.ts";
import { clock, memoryLog, numbered, open, revision, temporaryDirectory } from "./support.ts";

const isRoot = process.getuid?.() === 0;
const SUSPENDED: JournalEvent = { type: "suspended", value: true };
const PROGRESSING: JournalEvent = {
  type: "rollout",
  state: { kind: "progressing", good: "r1", to: "r2", moved: ["web"], jobs: [] },
};
const GONE_BACK: JournalEvent = {
  type: "rollout",
  state: { kind: "stalled", good: "r1", failed: "r2", reason: "exited", rolledBack: true },
};

let parent: string;
let directory: string;
let mounted: string[];
let kept: Journal[];
beforeEach(async () => {
  parent = await temporaryDirectory();
  directory = join(parent, "state");
  mounted = [];
  kept = [];
});
afterEach(async () => {
  for (const one of kept) await one.close().catch(() => undefined);
  for (const path of mounted) execFileSync("umount", ["-l", path]);
  await rm(parent, { recursive: true });
});

/** A file system of its own, as full as it gets. */
async function mount(path: string, options: string): Promise<void> {
  await mkdir(path, { recursive: true });
  execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", path]);
  mounted.push(path);
}

async function keep(log = memoryLog().log): Promise<Journal> {
  const options = { directory, clock, log, fold: foldMemory, isUnderWay, remembered: rememberedRevisions };
  const journal = await keepJournal(options);
  kept.push(journal);
  return journal;
}

/** What a life left, closed. */
async function lived(...events: readonly JournalEvent[]): Promise<void> {
  const journal = await open(directory);
  for (const event of events) await journal.append("web", event, "durable");
  await journal.close();
}

async function expectHeld(journal: Journal, message: string): Promise<void> {
  await expect(journal.ensure("web")).rejects.toMatchObject({ code: "E_STATE", hint: expect.any(String) });
  expect(journal.memory("web").damaged).toContain(message);
  expect(journal.memory("other").damaged).toContain(message);
  await expect(journal.append("web", numbered(1), "durable")).rejects.toMatchObject({ code: "E_STATE" });
  await expect(journal.saveRevision(revision("r9", 9))).rejects.toMatchObject({ code: "E_STATE" });
}

async function expectWell(journal: Journal): Promise<void> {
  await journal.ensure("web");
  expect(journal.memory("web").damaged).toBeNull();
  await journal.append("web", numbered(1), "durable");
  await journal.saveRevision(revision("r9", 9));
}

describe("an agent's journal on a state directory", () => {
  it.runIf(isRoot)(
    "that is mounted read-only must be read, held, and taken when it is writable",
    async () => {
      await mount(directory, "size=1m");
      await lived(SUSPENDED);
      execFileSync("mount", ["-o", "remount,ro", directory]);
      const { log, lines } = memoryLog();
      const journal = await keep(log);
      await expectHeld(journal, "EROFS");
      await expectHeld(journal, "EROFS");
      expect(journal.memory("web").suspended).toBe(true);
      expect((await journal.history("web", 9)).length).toBe(1);
      expect(lines.filter((line) => line.includes("EROFS"))).toHaveLength(1);
      execFileSync("mount", ["-o", "remount,rw", directory]);
      await expectWell(journal);
      expect(journal.memory("web").suspended).toBe(true);
    },
  );

  it.each([
    ["a file", async (path: string) => writeFile(path, "x")],
    ["a link to nowhere", async (path: string) => symlink("/nonexistent/anywhere", path)],
    ["a link to itself", async (path: string) => symlink(path, path)],
  ])("that is %s must be held, and taken when it is one", async (_, make) => {
    await make(directory);
    const journal = await keep();
    await expectHeld(journal, directory);
    await rm(directory);
    await expectWell(journal);
  });

  it("that is a link to a directory must be as good as one", async () => {
    await mkdir(join(parent, "elsewhere"));
    await symlink(join(parent, "elsewhere"), directory);
    await expectWell(await keep());
  });

  it.each(["journal", "revisions", "cache"])(
    "whose %s is a file must be held, not overwritten",
    async (name) => {
      await mkdir(directory);
      await writeFile(join(directory, name), "mine");
      const journal = await keep();
      await expectHeld(journal, directory);
      expect(await readFile(join(directory, name), "utf8")).toBe("mine");
      await rm(join(directory, name));
      await expectWell(journal);
    },
  );

  it("that another agent uses must be refused", async () => {
    await keep();
    await expect(keep()).rejects.toMatchObject({ code: "E_STATE", data: { pid: process.pid } });
  });

  it("that is lost while it runs must be made again with all that was known", async () => {
    const journal = await keep();
    await journal.ensure("web");
    await journal.append("web", SUSPENDED, "durable");
    await journal.append("db", GONE_BACK, "durable");
    await rm(directory, { recursive: true });
    await journal.ensure("web");
    expect(journal.memory("web")).toMatchObject({ suspended: true, damaged: null });
    await journal.append("web", numbered(1), "durable");
    await journal.append("db", numbered(1), "durable");
    await journal.close();
    const again = await open(directory);
    expect(again.memory("web")).toMatchObject({ suspended: true, damaged: null });
    expect(again.memory("db").rollout).toMatchObject({ kind: "stalled" });
    await again.close();
  });

  it("that becomes a file while it runs must be held with all that was known, and come back with it", async () => {
    const journal = await keep();
    await journal.append("web", SUSPENDED, "durable");
    await rename(directory, `${directory}.away`);
    await writeFile(directory, "x");
    expect(journal.trouble()).toBeNull();
    await expectHeld(journal, "EEXIST");
    expect(journal.trouble()).toContain("EEXIST");
    expect(journal.memory("web").suspended).toBe(true);
    await rm(directory);
    await expectWell(journal);
    expect(journal.trouble()).toBeNull();
    expect(journal.memory("web").suspended).toBe(true);
  });

  it("that comes back with its own content must be taken with that", async () => {
    const journal = await keep();
    await journal.append("web", SUSPENDED, "durable");
    await rename(directory, `${directory}.away`);
    await writeFile(directory, "x");
    await expectHeld(journal, "EEXIST");
    await rm(directory);
    await rename(`${directory}.away`, directory);
    await expectWell(journal);
    expect((await journal.history("web", 9)).map((entry) => entry.event.type)).toEqual(["plan", "suspended"]);
  });

  it("that is lost in the middle of a rollout must let it go on, and remember its end", async () => {
    const journal = await keep();
    await journal.append("web", PROGRESSING, "durable");
    await rm(directory, { recursive: true });
    await writeFile(directory, "x");
    await expect(journal.ensure("web")).rejects.toMatchObject({ code: "E_STATE" });
    await journal.append("web", { ...numbered(1) }, "durable");
    await journal.append("web", GONE_BACK, "durable");
    expect(journal.memory("web").rollout.kind).toBe("stalled");
    await expect(journal.append("web", numbered(2), "durable")).rejects.toMatchObject({ code: "E_STATE" });
    await rm(directory);
    await expectWell(journal);
    await journal.close();
    expect((await open(directory)).memory("web").rollout.kind).toBe("stalled");
  });
});

describe.runIf(isRoot)("a disk that is full", () => {
  const fill = async (): Promise<void> => {
    execFileSync("sh", ["-c", `dd if=/dev/zero of='${directory}/filler' bs=4k 2>/dev/null || true`]);
  };

  it("must not keep the agent from starting and reading, and be refused until there is room", async () => {
    await mount(directory, "size=256k");
    await lived(SUSPENDED);
    await fill();
    const journal = await keep();
    await journal.ensure("web");
    expect(journal.memory("web")).toMatchObject({ suspended: true, damaged: null });
    const first = journal.append("web", numbered(1, 9000), "durable");
    await expect(first).rejects.toMatchObject({ code: "E_STATE", retry: "backoff" });
    await expect(journal.saveRevision(revision("r1", 1))).rejects.toMatchObject({ code: "E_STATE" });
    await expect(journal.writeCache("x", [1])).rejects.toMatchObject({ code: "E_STATE" });
    await rm(join(directory, "filler"));
    await expectWell(journal);
    await journal.close();
    const again = await open(directory);
    expect(again.memory("web")).toMatchObject({ suspended: true, damaged: null });
    await again.close();
  });

  it("must not stop a rollout that is under way, and have its story when there is room", async () => {
    await mount(directory, "size=256k");
    const journal = await keep();
    await journal.append("web", PROGRESSING, "durable");
    await fill();
    for (let n = 0; n < 30; n += 1)
      await journal.append("web", numbered(n, 2000), n % 2 === 0 ? "durable" : "lazy");
    await journal.append("web", GONE_BACK, "durable");
    expect(journal.memory("web").rollout.kind).toBe("stalled");
    await expect(journal.append("web", PROGRESSING, "durable")).rejects.toMatchObject({ code: "E_STATE" });
    expect(journal.memory("web").rollout.kind).toBe("stalled");
    await rm(join(directory, "filler"));
    await journal.append("web", SUSPENDED, "durable");
    await journal.close();
    const again = await open(directory);
    expect(again.memory("web")).toMatchObject({
      suspended: true,
      damaged: null,
      rollout: { kind: "stalled" },
    });
    expect(await again.history("web", 99)).toHaveLength(33);
    await again.close();
  });

  it("at any write must lose nothing acknowledged and forbid all it forbade", async () => {
    let refused = 0;
    for (let pages = 1; pages <= 40; pages += 1) {
      await mount(directory, `size=${pages * 4}k`);
      const journal = await keep();
      const acknowledged: number[] = [];
      for (let n = 0; n < 12; n += 1) {
        const event = n === 5 ? SUSPENDED : numbered(n, 3000);
        await journal.append("web", event, "durable").then(
          () => acknowledged.push(n),
          () => (refused += 1),
        );
        await journal.saveRevision(revision(`r${n}`, n)).catch(() => undefined);
        await journal.writeCache("registry", "y".repeat(3000)).catch(() => undefined);
      }
      await journal.close();
      const reader = await open(directory, { readOnly: true });
      expect(reader.memory("web").damaged, `${pages} pages`).toBeNull();
      expect(reader.memory("web").suspended).toBe(acknowledged.includes(5));
      expect((await reader.history("web", 99)).length).toBe(acknowledged.length);
      await reader.close();
      execFileSync("umount", [directory]);
      mounted.pop();
    }
    expect(refused).toBeGreaterThan(50);
  });
});
