// The disk fails, and the process is killed: what was acknowledged must be there.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import ts from "typescript";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { failingAt, numbered, numbers, open, revision, temporaryDirectory } from "./support.ts";

let directory: string;
let children: ChildProcess[];
beforeEach(async () => {
  directory = await temporaryDirectory();
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  await rm(directory, { recursive: true });
});

/** Appends until everything is tried; returns the numbers that were acknowledged. Sizes make a compaction happen. */
async function run(state: string, n: number, errno: string, size: number) {
  const { fs, failed } = failingAt(n, errno);
  const acknowledged: number[] = [];
  const refusals: unknown[] = [];
  const attempt = async (work: Promise<unknown>): Promise<boolean> => {
    try {
      await work;
      return true;
    } catch (error) {
      refusals.push(error);
      return false;
    }
  };
  const journal = await open(state, { fileSystem: fs }).catch((error: unknown) => {
    refusals.push(error);
    return null;
  });
  if (journal !== null) {
    for (let i = 0; i < 6; i += 1) {
      if (await attempt(journal.append("web", numbered(i, size), i === 3 ? "lazy" : "durable")))
        acknowledged.push(i);
    }
    await attempt(journal.saveRevision(revision("r1", 1)));
    await attempt(journal.close());
  }
  return { acknowledged, refusals, failed: failed() };
}

describe("a disk that fails", () => {
  it.each([
    ["ENOSPC", 0],
    ["EIO", 300_000],
  ])(
    "with %s at any one call must lose nothing acknowledged and say E_STATE with a hint",
    async (errno, size) => {
      let faults = 0;
      for (let n = 1; ; n += 1) {
        const state = join(directory, String(n));
        const { acknowledged, refusals, failed } = await run(state, n, errno, size);
        if (!failed) break;
        faults += 1;
        for (const refusal of refusals) {
          expect(refusal).toMatchObject({
            code: "E_STATE",
            hint: expect.stringContaining("disk"),
            retry: "backoff",
          });
        }
        // One fault fails at most one append (or the opening, or none where only tidying failed).
        if (acknowledged.length > 0) expect(acknowledged.length).toBeGreaterThanOrEqual(5);
        await rm(join(state, "lock"), { force: true });
        const again = await open(state);
        const found = await numbers(again);
        const recent = acknowledged.slice(size === 0 ? 0 : -1);
        expect(
          found.filter((one) => recent.includes(one)),
          `fault at call ${n}`,
        ).toEqual(recent);
        expect(again.memory("web").lastPlan?.trigger ?? null).toBe(acknowledged.at(-1)?.toString() ?? null);
        await again.append("web", numbered(99), "durable");
        expect((await numbers(again)).at(-1)).toBe(99);
        await again.close();
        await rm(state, { recursive: true });
      }
      expect(faults).toBeGreaterThan(30);
    },
  );

  it("must leave the old journal intact when it fills up half-way", async () => {
    const journal = await open(directory);
    await journal.append("web", numbered(1), "durable");
    await journal.close();
    const before = await readFile(join(directory, "journal", "web.ndjson"), "utf8");
    for (let n = 1; n < 40; n += 1) {
      const { fs } = failingAt(n, "ENOSPC");
      const full = await open(directory, { fileSystem: fs }).catch(() => null);
      const ok = await full?.append("web", numbered(2), "durable").then(
        () => true,
        () => false,
      );
      await full?.close().catch(() => undefined);
      await rm(join(directory, "lock"), { force: true });
      if (ok === true) break;
      expect(await readFile(join(directory, "journal", "web.ndjson"), "utf8")).toContain(before);
    }
  });

  it("that is a file where a directory should be must be refused with a hint", async () => {
    await writeFile(join(directory, "state"), "");
    await expect(open(join(directory, "state"))).rejects.toMatchObject({
      code: "E_STATE",
      hint: expect.any(String),
    });
  });
});

/** The sources a child needs, as JavaScript (Node 20 does not read TypeScript), and its loop. */
async function childScript(): Promise<string> {
  const root = new URL("../../../src/", import.meta.url);
  const out = join(directory, "js");
  for (const folder of ["adapters/journal", "core/model", "core/status"]) {
    await mkdir(join(out, folder), { recursive: true });
    for (const name of await readdir(new URL(folder, root))) {
      const source = await readFile(new URL(`${folder}/${name}`, root), "utf8");
      const { outputText } = ts.transpileModule(source, {
        compilerOptions: {
          module: ts.ModuleKind.ESNext,
          target: ts.ScriptTarget.ES2023,
          verbatimModuleSyntax: true,
          rewriteRelativeImportExtensions: true,
        },
      });
      await writeFile(join(out, folder, name.replace(/ts$/, "js")), outputText);
    }
  }
  await writeFile(join(out, "package.json"), '{"type":"module"}');
  const script = join(out, "child.js");
  await writeFile(
    script,
    `import { writeSync } from "node:fs";
import { openJournal } from "./adapters/journal/index.js";
import { foldMemory, isUnderWay, rememberedRevisions } from "./core/status/memory.js";
const quiet = () => undefined;
const journal = await openJournal({
  directory: process.argv[2],
  clock: { now: () => 1, monotonic: () => 0, sleep: async () => undefined, random: () => 0 },
  log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  fold: foldMemory,
  isUnderWay,
  remembered: rememberedRevisions,
});
for (let n = Number(process.argv[3]); ; n += 1) {
  await journal.append("web", { type: "plan", trigger: String(n), revision: "r", rendered: "x".repeat(5000) }, "durable");
  writeSync(1, n + "\\n");
}
`,
  );
  return script;
}

describe("a process that is killed", () => {
  it("must leave every acknowledged entry, through compactions, and a lock that is taken over", async () => {
    const script = await childScript();
    const state = join(directory, "state");
    let next = 0;
    for (const rounds of [3, 40, 250]) {
      const child = spawn(process.execPath, [script, state, String(next)], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      children.push(child);
      let acknowledged = -1;
      const start = next;
      for await (const line of createInterface({ input: child.stdout })) {
        acknowledged = Number(line);
        if (acknowledged - start === rounds) child.kill("SIGKILL");
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      const journal = await open(state);
      const found = await numbers(journal);
      const last = found.at(-1) ?? -1;
      expect(acknowledged).toBeGreaterThanOrEqual(start + rounds);
      // At most one entry was on its way when the process ended.
      expect([acknowledged, acknowledged + 1]).toContain(last);
      expect(found).toEqual(found.map((_, index) => last - found.length + 1 + index));
      expect(journal.memory("web").lastPlan?.trigger).toBe(String(last));
      next = last + 1;
      await journal.close();
    }
    expect(next).toBeGreaterThan(290);
  });
});
