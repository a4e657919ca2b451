import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { nodeFileSystem, type StateFileSystem } from "../../../src/adapters/journal/file-system.ts";
import { encodeLine } from "../../../src/adapters/journal/line.ts";
import { replay } from "../../../src/adapters/journal/replay.ts";
import { EMPTY_MEMORY } from "../../../src/core/model/index.ts";
import { foldMemory } from "../../../src/core/status/memory.ts";
import { memoryLog, numbered, numbers, open, revision, temporaryDirectory } from "./support.ts";

let directory: string;
beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});
const file = (project = "web"): string => join(directory, "journal", `${project}.ndjson`);

describe("a journal", () => {
  it("must give back after a restart what was appended, per project", async () => {
    const first = await open(directory);
    expect([first.memory("web"), first.projects()]).toEqual([EMPTY_MEMORY, []]);
    const entry = await first.append("web", { type: "suspended", value: true }, "durable");
    expect(entry).toMatchObject({ seq: 1, at: 1_000, project: "web" });
    await first.append("db", { type: "seen", services: { db: "r1" } }, "lazy");
    await first.close();
    const second = await open(directory);
    expect(second.projects()).toEqual(["db", "web"]);
    expect(second.memory("web").suspended).toBe(true);
    expect(second.memory("db").seen).toEqual({ db: "r1" });
    expect((await second.append("web", { type: "suspended", value: false }, "lazy")).seq).toBe(2);
    expect((await second.history("web", 1)).map((one) => one.seq)).toEqual([2]);
    expect((await second.history("web", 9)).map((one) => one.seq)).toEqual([2, 1]);
    await second.close();
  });

  it("must keep the order of appends that nobody waited for", async () => {
    const journal = await open(directory);
    const how = (n: number): "durable" | "lazy" => (n % 3 === 0 ? "durable" : "lazy");
    const entries = await Promise.all(
      Array.from({ length: 50 }, (_, n) => journal.append("web", numbered(n), how(n))),
    );
    expect(entries.map((entry) => entry.seq)).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
    await journal.close();
    const again = await open(directory);
    expect(await numbers(again)).toEqual(Array.from({ length: 50 }, (_, n) => n));
    await again.close();
  });

  it("must drop a torn last line at whatever byte it was torn, warn, and write on cleanly", async () => {
    const journal = await open(directory);
    for (const n of [0, 1, 2]) await journal.append("web", numbered(n), "durable");
    await journal.close();
    const whole = await readFile(file());
    const lastLine = whole.subarray(0, -1).lastIndexOf(0x0a) + 1;
    for (let cut = lastLine; cut < whole.length; cut += 1) {
      await writeFile(file(), whole.subarray(0, cut));
      const { log, lines } = memoryLog();
      const torn = await open(directory, { log });
      expect(await numbers(torn), `cut at ${cut}`).toEqual([0, 1]);
      expect(lines.filter((line) => line.includes("torn"))).toHaveLength(cut === lastLine ? 0 : 1);
      await torn.append("web", numbered(7), "durable");
      await torn.close();
      const after = await open(directory);
      expect(await numbers(after), `after cut at ${cut}`).toEqual([0, 1, 7]);
      await after.close();
    }
  });

  it.each([
    ["garbage", (line: string) => `nonsense${line.slice(8)}`],
    [
      "another number under the old checksum",
      (line: string) => line.replace('"trigger":"1"', '"trigger":"9"'),
    ],
    ["zeros, as after a power cut", (line: string) => "\0".repeat(line.length)],
    ["nothing", () => ""],
  ])("must skip and report a line of %s in the middle, and keep the rest", async (_, damage) => {
    const journal = await open(directory);
    for (const n of [0, 1, 2]) await journal.append("web", numbered(n), "durable");
    await journal.close();
    const lines = (await readFile(file(), "utf8")).split("\n");
    await writeFile(file(), lines.map((line, index) => (index === 1 ? damage(line) : line)).join("\n"));
    const { log, lines: told } = memoryLog();
    const damaged = await open(directory, { log });
    expect(await numbers(damaged)).toEqual([0, 2]);
    expect(told[0]).toMatch(/corrupt journal lines.*"lines":\[2\]/);
    expect(damaged.memory("web").damaged).toContain("line 2");
    await damaged.close();
  });

  it("must cut off a torn end that is longer than what is written next", async () => {
    const journal = await open(directory);
    await journal.append("web", numbered(0), "durable");
    await journal.append("web", numbered(1, 50_000), "durable");
    await journal.close();
    await writeFile(file(), (await readFile(file())).subarray(0, -1));
    const torn = await open(directory);
    await torn.append("web", numbered(2), "durable");
    await torn.close();
    const { log, lines } = memoryLog();
    const after = await open(directory, { log });
    expect([await numbers(after), lines]).toEqual([[0, 2], []]);
    await after.close();
  });

  it("must not fold an entry again that a compaction carried over", async () => {
    const at = { at: 0, project: "web" };
    const bytes =
      encodeLine({ format: 1, seq: 5, ...at, memory: EMPTY_MEMORY }) +
      encodeLine({ seq: 5, ...at, event: { type: "suspended", value: true } });
    const found = replay(Buffer.from(bytes), "web", "web.ndjson", foldMemory);
    expect([found.memory.suspended, found.entries.length, found.seq]).toEqual([false, 1, 5]);
  });

  it("must lose nothing when a compaction failed after its file was in place", async () => {
    let broken = false;
    const fileSystem: StateFileSystem = {
      ...nodeFileSystem,
      async rename(from, to) {
        if (broken) throw Object.assign(new Error("injected"), { code: "EIO" });
        await nodeFileSystem.rename(from, to);
        broken = to.endsWith(".ndjson");
      },
      async syncDirectory(path) {
        if (broken) throw Object.assign(new Error("injected"), { code: "EIO" });
        await nodeFileSystem.syncDirectory(path);
      },
    };
    const journal = await open(directory, { fileSystem });
    for (let n = 0; n < 5; n += 1) await journal.append("web", numbered(n, 300_000), "durable");
    await journal.append("web", numbered(5), "durable");
    await journal.close();
    expect(broken).toBe(true);
    const { log, lines } = memoryLog();
    const again = await open(directory, { log });
    expect([(await numbers(again)).slice(-2), lines]).toEqual([[4, 5], []]);
    await again.close();
  });

  it("must not take the entries of another project's file for its own", async () => {
    const journal = await open(directory);
    await journal.append("web", { type: "suspended", value: true }, "durable");
    await journal.close();
    await writeFile(file("db"), await readFile(file()));
    const again = await open(directory);
    expect([again.memory("db").suspended, again.memory("web").suspended]).toEqual([false, true]);
    await again.close();
  });

  it("must stay small however long it runs, and lose nothing that decisions need", async () => {
    const journal = await open(directory);
    await journal.append("web", { type: "suspended", value: true }, "lazy");
    for (let n = 0; n < 300; n += 1) await journal.append("web", numbered(n, 10_000), "lazy");
    await journal.close();
    expect((await stat(file())).size).toBeLessThan(1_100_000);
    const { log, lines } = memoryLog();
    const again = await open(directory, { log });
    expect(lines).toEqual([]);
    expect(again.memory("web")).toMatchObject({ suspended: true, lastPlan: { trigger: "299" } });
    const kept = await numbers(again);
    expect(kept.length).toBeGreaterThan(20);
    expect(kept).toEqual(kept.map((_, index) => 300 - kept.length + index));
    expect((await again.append("web", numbered(300), "lazy")).seq).toBe(302);
    await again.close();
    expect(await readdir(join(directory, "journal"))).toEqual(["web.ndjson"]);
  });

  it.each(["../evil", "", "a/b", "Web", ".hidden", "x".repeat(200), "a\0b"])(
    "must not make a path of the project name %j",
    async (name) => {
      const journal = await open(directory);
      await expect(journal.append(name, numbered(1), "lazy")).rejects.toMatchObject({ code: "E_STATE" });
      await expect(journal.loadRevision(name, "r1")).rejects.toMatchObject({ code: "E_STATE" });
      await expect(journal.readCache(name)).rejects.toMatchObject({ code: "E_STATE" });
      await journal.close();
    },
  );
});

describe("revisions", () => {
  it("must come back as they were, from files only the owner can read", async () => {
    const journal = await open(directory);
    await journal.saveRevision(revision("r1", 1));
    expect(await journal.loadRevision("web", "r1")).toEqual(revision("r1", 1));
    expect(await journal.loadRevision("web", "r2")).toBeNull();
    const path = join(directory, "revisions", "web");
    expect((await stat(join(path, "r1.json"))).mode & 0o777).toBe(0o600);
    expect((await stat(path)).mode & 0o777).toBe(0o700);
    await expect(journal.loadRevision("web", "../r1")).rejects.toMatchObject({ code: "E_STATE" });
    await journal.close();
  });

  it("must not be used when a single byte of them changed", async () => {
    const { log, lines } = memoryLog();
    const journal = await open(directory, { log });
    await journal.saveRevision(revision("r1", 1));
    const path = join(directory, "revisions", "web", "r1.json");
    await writeFile(path, (await readFile(path, "utf8")).replace("/projects/web", "/projects/wob"));
    expect(await journal.loadRevision("web", "r1")).toBeNull();
    expect(lines).toEqual([expect.stringContaining("corrupt")]);
    await journal.close();
  });

  it("must be the newest four and those that memory names", async () => {
    const journal = await open(directory);
    await journal.append("web", { type: "rollout", state: { kind: "idle", good: "r1" } }, "durable");
    await journal.append("web", { type: "rollout", state: { kind: "idle", good: "r3" } }, "durable");
    for (let n = 1; n <= 8; n += 1) await journal.saveRevision(revision(`r${n}`, n));
    const names = await readdir(join(directory, "revisions", "web"));
    expect(names.sort()).toEqual(["r1", "r3", "r5", "r6", "r7", "r8"].map((id) => `${id}.json`));
    await journal.close();
  });
});

describe("the cache", () => {
  it("must come back, and be nothing when it is absent or broken", async () => {
    const journal = await open(directory);
    expect(await journal.readCache("registry")).toBeNull();
    await journal.writeCache("registry", { a: [1] });
    expect(await journal.readCache("registry")).toEqual({ a: [1] });
    await writeFile(join(directory, "cache", "registry.json"), "{");
    expect(await journal.readCache("registry")).toBeNull();
    await journal.close();
  });
});
