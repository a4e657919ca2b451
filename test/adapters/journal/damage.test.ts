// What is left of a journal after anything that disks, people and newer versions do to it: what was forbidden stays
// forbidden, and one bad file holds back one project.
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { encodeLine } from "../../../src/adapters/journal/line.ts";
import { replay } from "../../../src/adapters/journal/replay.ts";
import type { JournalEvent, ProjectMemory } from "../../../src/core/model/index.ts";
import { foldMemory } from "../../../src/core/status/memory.ts";
import { numbered, open, temporaryDirectory } from "./support.ts";

let directory: string;
beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});
const file = (project = "web"): string => join(directory, "journal", `${project}.ndjson`);

const refusal = {
  service: "web",
  platformDigest: `sha256:${"a".repeat(64)}`,
  definitionHash: null,
  culprit: { service: "web", platformDigest: `sha256:${"a".repeat(64)}`, definitionHash: null },
  reason: "web exited with code 1",
  since: 5,
} as const;

/** A life: a rollout that failed and was refused, another one that held, a suspension. */
const LIFE: readonly JournalEvent[] = [
  { type: "seen", services: { web: "c1" } },
  { type: "rollout", state: { kind: "idle", good: "r1" } },
  numbered(2, 300),
  { type: "rollout", state: { kind: "progressing", good: "r1", to: "r2", moved: ["web"], jobs: [] } },
  { type: "intent", steps: [{ n: 1, kind: "stopContainer", service: "web", what: "stop web" }] },
  { type: "done", n: 1, kind: "stopContainer", ms: 12 },
  { type: "quarantine", entries: [refusal] },
  {
    type: "rollout",
    state: { kind: "rollingBack", good: "r1", failed: "r2", moved: ["web"], jobs: [], reason: "exited" },
  },
  {
    type: "rollout",
    state: { kind: "stalled", good: "r1", failed: "r2", reason: "exited", rolledBack: true },
  },
  { type: "suspended", value: true },
  numbered(10),
];

async function life(): Promise<Buffer> {
  const journal = await open(directory);
  for (const event of LIFE) await journal.append("web", event, "durable");
  await journal.close();
  return readFile(file());
}

const read = (bytes: Buffer) => replay(bytes, "web", "web.ndjson", foldMemory);

/** Whether nothing new is begun by it: the doubt, or what was decided. */
const holds = (memory: ProjectMemory, was: ProjectMemory): boolean =>
  memory.damaged !== null ||
  ((!was.suspended || memory.suspended) && memory.quarantine.length >= was.quarantine.length);

describe("a damaged journal", () => {
  it("cut off at any byte must be what it was at that line, and no doubt", async () => {
    const whole = await life();
    let lines = 0;
    for (let cut = 0; cut < whole.length; cut += 1) {
      const found = read(whole.subarray(0, cut));
      if (cut > 0 && whole[cut - 1] === 0x0a) lines += 1;
      expect([found.seq, found.memory.damaged, found.goodBytes + found.tornBytes], `cut at ${cut}`).toEqual([
        lines,
        null,
        cut,
      ]);
    }
    expect(lines).toBe(LIFE.length - 1);
  });

  it("with any one bit flipped must hold what it forbade", async () => {
    const whole = await life();
    const was = read(whole).memory;
    expect([was.suspended, was.quarantine.length, was.damaged]).toEqual([true, 1, null]);
    for (let at = 0; at < whole.length; at += 1) {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
      expect(holds(read(bytes).memory, was), `byte ${at}`).toBe(true);
    }
  });

  it.each([512, 4096])("with a block of %i zeros anywhere must hold what it forbade", async (size) => {
    const whole = await life();
    const was = read(whole).memory;
    for (let at = 0; at < whole.length; at += size) {
      const bytes = Buffer.from(whole);
      bytes.fill(0, at, Math.min(at + size, bytes.length - 1));
      expect(holds(read(bytes).memory, was), `block at ${at}`).toBe(true);
    }
  });

  it("with any line left out, twice or in another's place must hold what it forbade", async () => {
    const lines = (await life()).toString().split("\n").slice(0, -1);
    const was = read(Buffer.from(`${lines.join("\n")}\n`)).memory;
    const left = (changed: readonly string[]) => read(Buffer.from(`${changed.join("\n")}\n`)).memory;
    // The last line is not missed: that file is the journal as it was before.
    for (let n = 0; n < lines.length - 1; n += 1) {
      const line = lines[n] ?? "";
      expect(left(lines.filter((_, index) => index !== n)).damaged, `without ${n}`).not.toBeNull();
      expect(left(lines.flatMap((one, index) => (index === n ? [one, one] : [one])))).toEqual(was);
      expect(holds(left([...lines, line]), was)).toBe(true);
      expect(holds(left([line, ...lines.filter((_, index) => index !== n)]), was), `moved ${n}`).toBe(true);
    }
  });

  it.each([
    ["zeros alone", () => Buffer.alloc(900)],
    [
      "random bytes",
      (whole: Buffer) => Buffer.from(whole.map((byte, index) => (byte * 31 + index * 7) % 256)),
    ],
    ["its beginning lost", (whole: Buffer) => whole.subarray(700)],
    [
      "its last line end another byte",
      (whole: Buffer) => Buffer.concat([whole.subarray(0, -1), Buffer.from("x")]),
    ],
    ["its last line end a zero", (whole: Buffer) => Buffer.concat([whole.subarray(0, -1), Buffer.alloc(1)])],
    ["something else written behind it", (whole: Buffer) => Buffer.concat([whole, Buffer.from("hello")])],
  ])("that is %s must be in doubt", async (_, damage) => {
    expect(read(damage(await life())).memory.damaged).toContain("boardhand resume web");
  });

  it.each([
    ["zeros", Buffer.alloc(4096)],
    ["the beginning of the next line and zeros", Buffer.from(`{"seq":12,"at\0\0\0\0`)],
    ["the beginning of a number", Buffer.from(`{"se`)],
  ])("that ends in %s, as a power cut leaves it, must be no doubt", async (_, end) => {
    const found = read(Buffer.concat([await life(), end]));
    expect([found.memory.damaged, found.seq, found.tornBytes]).toEqual([null, LIFE.length, end.length]);
  });

  it("must stay in doubt through restarts and a compaction, until a person has looked, and be kept", async () => {
    const lines = (await life()).toString().split("\n");
    await writeFile(file(), lines.map((line, index) => (index === 6 ? "nonsense" : line)).join("\n"));
    const damaged = await readFile(file());
    const journal = await open(directory);
    expect(journal.memory("web")).toMatchObject({
      quarantine: [],
      damaged: expect.stringContaining("line 7"),
    });
    for (let n = 0; n < 5; n += 1) await journal.append("web", numbered(n, 300_000), "durable");
    await journal.close();
    expect((await readFile(file())).subarray(0, 10).toString()).toBe('{"format":');
    expect((await readFile(`${file()}.damaged`)).subarray(0, damaged.length)).toEqual(damaged);
    const again = await open(directory);
    expect(again.memory("web").damaged).toContain("line 7");
    await again.append("web", { type: "damaged", what: null }, "durable");
    await again.close();
    const after = await open(directory);
    expect([after.memory("web").damaged, after.memory("web").suspended]).toEqual([null, true]);
    await after.close();
  });

  it("must keep a doubt about its end when that end is overwritten", async () => {
    const whole = await life();
    await writeFile(file(), Buffer.concat([whole.subarray(0, -1), Buffer.from("x")]));
    const journal = await open(directory);
    await journal.append("web", numbered(1), "durable");
    await journal.close();
    const again = await open(directory);
    expect(again.memory("web").damaged).toContain("its end");
    expect((await readFile(`${file()}.damaged`)).at(-1)).toBe("x".charCodeAt(0));
    await again.close();
  });
});

describe("a journal that cannot be opened", () => {
  it.each([
    [
      "of a newer version that compacted it",
      async () =>
        writeFile(
          file(),
          encodeLine({
            format: 2,
            seq: 1,
            at: 0,
            project: "web",
            memory: read(Buffer.alloc(0)).memory,
          }),
        ),
      "newer",
    ],
    [
      "of a newer version that only added to it",
      async () => {
        const entry = { seq: 1, at: 0, project: "web", event: numbered(1), format: 2 };
        await writeFile(file(), encodeLine(entry));
      },
      "newer",
    ],
    ["that is a directory", async () => void (await mkdir(file())), "cannot be read"],
  ])("%s must hold its project alone, be kept, and be taken when it can be", async (_, make, message) => {
    await mkdir(join(directory, "journal"));
    await make();
    const before = await readdir(join(directory, "journal"), { recursive: true });
    const journal = await open(directory);
    expect(journal.projects()).toEqual(["web"]);
    expect(journal.memory("web").damaged).toContain(message);
    await expect(journal.ensure("web")).rejects.toMatchObject({ code: "E_STATE" });
    await expect(journal.append("web", numbered(1), "durable")).rejects.toMatchObject({ code: "E_STATE" });
    await journal.ensure("db");
    await journal.append("db", { type: "suspended", value: true }, "durable");
    expect(journal.memory("db")).toMatchObject({ suspended: true, damaged: null });
    const left = await readdir(join(directory, "journal"), { recursive: true });
    expect(left.filter((name) => !name.startsWith("db"))).toEqual(before);
    await rm(file(), { recursive: true });
    await journal.ensure("web");
    expect(journal.memory("web").damaged).toBeNull();
    await journal.append("web", numbered(1), "durable");
    await journal.close();
  });
});
