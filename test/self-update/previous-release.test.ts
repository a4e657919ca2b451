// A failed update goes back to the version before, which then finds the state that the newer one has written; and every
// update finds what the older one has. Both ways nothing may be lost and nothing may stand in the way.
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { encodeLine } from "../../src/adapters/journal/line.ts";
import { AGENT_PROJECT, type JournalEntry, type QuarantineEntry } from "../../src/core/model/index.ts";
import { open, revision } from "../adapters/journal/support.ts";
import { digestOf } from "../support/builders.ts";
import { hasPreviousRelease, previousRelease, runPrevious } from "./previous.ts";

const MS = 120_000;
const isThere = await hasPreviousRelease();

let directory: string;
let state: string;
let config: string;

beforeAll(async () => {
  await previousRelease();
}, 300_000);
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "boardhand-previous-"));
  state = join(directory, "state");
  config = join(directory, "boardhand.yml");
  const project = join(directory, "projects", "web");
  await mkdir(project, { recursive: true });
  await writeFile(join(project, "compose.yaml"), "services: {app: {image: reg.example/app}}\n");
  const content = { projects: join(directory, "projects"), state, http: { listen: "127.0.0.1:1" } };
  await writeFile(config, JSON.stringify(content));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

const entry = (service: string): QuarantineEntry => {
  const failed = { service, platformDigest: digestOf(service), definitionHash: null };
  return { ...failed, culprit: failed, reason: "failed", since: 1 };
};

/** Everything that this version writes, the agent's own updates among it. */
async function writeAll(): Promise<void> {
  const journal = await open(state);
  for (const project of ["web", AGENT_PROJECT]) {
    await journal.saveRevision(revision("r1", 1, project));
    const steps = [{ n: 1, kind: "startContainer", service: null, what: "x.updater" }] as const;
    await journal.append(
      project,
      { type: "plan", trigger: "cron", revision: "r1", rendered: "x" },
      "durable",
    );
    await journal.append(project, { type: "intent", steps }, "durable");
    const moved = { to: "r1", moved: ["app"], jobs: [] };
    await journal.append(
      project,
      { type: "rollout", state: { kind: "progressing", good: null, ...moved } },
      "durable",
    );
    await journal.append(project, { type: "quarantine", entries: [entry("app")] }, "durable");
    await journal.append(project, { type: "rollout", state: { kind: "idle", good: "r1" } }, "durable");
    await journal.append(project, { type: "seen", services: { app: "f1" } }, "lazy");
  }
  await journal.writeCache("registry", { later: true });
  await journal.close();
}

describe.runIf(isThere)("the version before", () => {
  it("must take what this one has written, and write on", { timeout: MS }, async () => {
    await writeAll();
    const own = await readFile(join(state, "journal", `${AGENT_PROJECT}.ndjson`), "utf8");
    expect(await runPrevious("suspend", "web", "--config", config)).toMatchObject({ code: 0 });
    const journal = await open(state);
    expect(journal.memory("web")).toMatchObject({
      suspended: true,
      quarantine: [entry("app")],
      rollout: { kind: "idle", good: "r1" },
      seen: { app: "f1" },
    });
    expect(await journal.loadRevision(AGENT_PROJECT, "r1")).not.toBeNull();
    expect(await journal.readCache("registry")).toEqual({ later: true });
    await journal.close();
    expect(await readFile(join(state, "journal", `${AGENT_PROJECT}.ndjson`), "utf8")).toBe(own);
  });

  it("must release what this one has quarantined", { timeout: MS }, async () => {
    await writeAll();
    expect(await runPrevious("resume", "web", "--config", config)).toMatchObject({ code: 0 });
    const journal = await open(state);
    expect(journal.memory("web").quarantine).toEqual([]);
    expect(journal.memory(AGENT_PROJECT).quarantine).toEqual([entry("app")]);
    await journal.close();
  });

  it("must survive events, fields and a lock of a later version", { timeout: MS }, async () => {
    await writeAll();
    await addUnknown();
    const { code, output } = await runPrevious("suspend", "web", "--config", config);
    expect(code, output).toBe(0);
  });
});

describe.runIf(isThere)("this version", () => {
  it("must take what the one before has written", { timeout: MS }, async () => {
    expect(await runPrevious("suspend", "web", "--config", config)).toMatchObject({ code: 0 });
    const journal = await open(state);
    expect(journal.memory("web").suspended).toBe(true);
    await journal.append("web", { type: "suspended", value: false }, "durable");
    await journal.close();
    expect((await runPrevious("suspend", "web", "--config", config)).code).toBe(0);
  });

  it("must survive events, fields and a lock of a later version", async () => {
    await writeAll();
    await addUnknown();
    const journal = await open(state);
    expect(journal.memory("web")).toMatchObject({
      rollout: { kind: "idle", good: "r1" },
      quarantine: [entry("app")],
    });
    expect((await journal.append("web", { type: "suspended", value: true }, "durable")).seq).toBe(8);
    await journal.close();
  });
});

/** As a version that is not written yet might. */
async function addUnknown(): Promise<void> {
  const later = { seq: 7, at: 1, project: "web", event: { type: "dreamt", of: ["sheep"] }, more: { x: 1 } };
  await appendFile(join(state, "journal", "web.ndjson"), encodeLine(later as unknown as JournalEntry));
  const lock = { pid: 1, startTime: "0", boot: "another", namespace: "pid:[1]", container: "a".repeat(64) };
  await writeFile(join(state, "lock"), `${JSON.stringify(lock)}\n`);
}
