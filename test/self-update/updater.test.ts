// How an updater finds itself and what it is to do, and how a successor is asked and judged.
import { describe, expect, it } from "vitest";
import { AGENT, type AgentContainer, BoardhandError } from "../../src/core/model/index.ts";
import type { Clock, ExecResult } from "../../src/ports/index.ts";
import { healthCommand } from "../../src/self-update/health-command.ts";
import { complaints, prove } from "../../src/self-update/prove.ts";
import { readHandOver, runUpdater, type UpdaterDeps } from "../../src/self-update/updater.ts";
import { NEW, party, RECORD, UPDATER } from "./parties.ts";

const LABELS = {
  [AGENT.role]: "updater",
  [AGENT.old]: RECORD.old,
  [AGENT.successor]: RECORD.successor,
  [AGENT.name]: RECORD.name,
  [AGENT.restartPolicy]: RECORD.restartPolicy,
  [AGENT.digest]: RECORD.digest,
};
const nothing = (): void => undefined;
const never = (): Promise<never> => Promise.reject(new Error("nobody should have asked"));

function updater(parts: Partial<AgentContainer> = {}): AgentContainer {
  const image = { imageId: "sha256:1", imageReference: "boardhand" };
  return {
    ...party({ id: UPDATER }),
    ...image,
    role: "updater",
    startedAt: "2026",
    labels: LABELS,
    ...parts,
  };
}

/** Time that passes as soon as somebody waits. */
function fastClock(): Clock {
  let now = 0;
  return {
    now: () => now,
    monotonic: () => now,
    random: () => 0,
    sleep: async (ms) => {
      now += ms;
    },
  };
}

function deps(parts: Partial<UpdaterDeps> = {}): UpdaterDeps {
  return {
    engine: {
      inspectContainer: async (id) => party({ id }),
      renameContainer: never,
      setRestartPolicy: never,
      stopContainer: never,
      startContainer: never,
      removeContainer: never,
      exec: never,
    },
    agents: { list: async () => [], blueprint: async () => ({ container: {}, image: null }) },
    clock: fastClock(),
    log: { debug: nothing, info: nothing, warn: nothing, error: nothing },
    signal: new AbortController().signal,
    healthTimeoutMs: 3_000,
    monitorMs: 2_000,
    ownIds: [],
    ...parts,
  };
}

describe("the record of a hand-over", () => {
  it("must be read from labels", () => {
    expect(readHandOver(LABELS)).toEqual(RECORD);
    expect(readHandOver({ ...LABELS, [AGENT.restartPolicy]: "on-failure:3" })?.restartPolicy).toBe(
      "on-failure:3",
    );
  });

  it.each([
    ["an id that is none", { [AGENT.old]: "boardhand" }],
    ["one container twice", { [AGENT.old]: RECORD.successor }],
    ["no name", { [AGENT.name]: "" }],
    ["a name that is none", { [AGENT.name]: "../x" }],
    ["a policy that is none", { [AGENT.restartPolicy]: "sometimes" }],
  ])("must not be made up from labels with %s", (_what, labels) => {
    expect(readHandOver({ ...LABELS, ...labels })).toBeNull();
  });
});

describe("an updater", () => {
  it("must refuse to work outside a container that an agent made for it", async () => {
    const others = [updater(), updater({ id: NEW })];
    for (const list of [[], others, [updater({ state: "exited" })], [updater({ role: "agent" })]]) {
      const agents = { ...deps().agents, list: async () => list };
      await expect(runUpdater(deps({ agents }))).rejects.toMatchObject({ code: "E_USAGE" });
    }
  });

  it("whose labels name no hand-over must not be started again for ever", async () => {
    const policies: string[] = [];
    const setRestartPolicy = async (id: string, policy: string): Promise<void> =>
      void policies.push(`${id} ${policy}`);
    const agents = { ...deps().agents, list: async () => [updater({ labels: {} })] };
    const engine = { ...deps().engine, setRestartPolicy };
    await expect(runUpdater(deps({ agents, engine }))).rejects.toMatchObject({ code: "E_USAGE" });
    expect(policies).toEqual([`${UPDATER} no`]);
  });

  it("must wait for an engine that is away, and know itself by an id or a short one", async () => {
    let asked = 0;
    const list = async (): Promise<readonly AgentContainer[]> => {
      asked += 1;
      if (asked < 4) throw new BoardhandError("E_ENGINE_UNAVAILABLE", "away", { retry: "backoff" });
      return [updater(), updater({ id: NEW, labels: {} })];
    };
    const gone = { ...deps().engine, inspectContainer: async () => null };
    for (const own of [UPDATER, UPDATER.slice(0, 12)]) {
      asked = 0;
      const parts = { agents: { ...deps().agents, list }, engine: gone, ownIds: ["f".repeat(64), own] };
      expect(await runUpdater(deps(parts))).toMatchObject({ outcome: "none" });
      expect(asked).toBe(4);
    }
  });
});

describe("the question whether an agent is well", () => {
  const asked = (Test: unknown, Cmd: unknown = ["run"]) =>
    healthCommand({ Config: { Healthcheck: { Test }, Cmd } });
  const ours = ["boardhand", "status", "--health"];

  it.each([
    ["the image's own", ["CMD", ...ours], ["run"], ours],
    ["another command", ["CMD", "/bin/check", "-v"], ["run"], ["/bin/check", "-v"]],
    ["one for a shell", ["CMD-SHELL", "check || exit 1"], ["run"], ["/bin/sh", "-c", "check || exit 1"]],
    ["none", ["NONE"], ["run"], ours],
    ["nothing at all", undefined, undefined, ours],
    [
      "with a configuration",
      ["CMD", ...ours],
      ["run", "--config", "/c.yml"],
      [...ours, "--config", "/c.yml"],
    ],
    ["with it as one word", ["NONE"], ["--config=/c.yml", "run"], [...ours, "--config=/c.yml"]],
    ["with half of it", ["NONE"], ["run", "--config"], ours],
  ])("must be the health check of its container: %s", (_what, test, command, expected) => {
    expect(asked(test, command)).toEqual(expected);
  });
});

describe("a successor", () => {
  const candidate = { id: NEW, startedAt: 1, excuses: [] };
  /** Says these, the last one for ever. */
  const saying = (...answers: readonly (ExecResult | Error)[]) => {
    let n = 0;
    const exec = async (): Promise<ExecResult> => {
      const answer = answers[Math.min(n, answers.length - 1)];
      n += 1;
      if (answer === undefined || answer instanceof Error) throw answer;
      return answer;
    };
    return deps({ engine: { ...deps().engine, exec } });
  };
  const well: ExecResult = { exitCode: 0, output: "healthy" };
  const away = new BoardhandError("E_ENGINE_UNAVAILABLE", "away", { retry: "backoff" });
  const unwell: ExecResult = { exitCode: 1, output: "not healthy\nweb: cannot be read\n" };

  it("must be proven when it becomes well and still is after the window", async () => {
    expect(await prove(saying(unwell, unwell, well), candidate)).toEqual({ kind: "proven" });
    const hung = { kind: "failed", reason: "it was not healthy within 3 s: its health check did not end" };
    expect(await prove(saying(well, { exitCode: null, output: "" }), candidate)).toEqual(hung);
  });

  it("must be proven by the word of its health check, when a slow board has not ended the process yet", async () => {
    const slow = { exitCode: null, output: "healthy\n" };
    expect(await prove(saying(slow), candidate)).toEqual({ kind: "proven" });
    const unsaid = { exitCode: null, output: "not healthy\n" };
    expect(await prove(saying(unsaid), candidate)).toMatchObject({ kind: "failed" });
  });

  it("must be forgiven what the old agent complained of too, and nothing else", async () => {
    const excuses = await complaints(saying(unwell), RECORD.old);
    expect(excuses).toEqual(["web: cannot be read"]);
    expect(await prove(saying(unwell), { ...candidate, excuses })).toEqual({ kind: "proven" });
    const more = { ...unwell, output: `${unwell.output}db: cannot be read` };
    expect(await prove(saying(more), { ...candidate, excuses })).toMatchObject({ kind: "failed" });
    // It has to answer itself: nobody there is no complaint.
    const silent = { exitCode: 1, output: "error: no agent answers\nweb: cannot be read" };
    expect(await prove(saying(silent), { ...candidate, excuses })).toMatchObject({ kind: "failed" });
    expect(await complaints(saying(silent), RECORD.old)).toEqual([]);
  });

  it("must not be proven by a command that the engine refuses, and not be judged while it is away", async () => {
    const refusal = new BoardhandError("E_ENGINE_REFUSED", "no such file");
    const failed = { kind: "failed", reason: "it was not healthy within 3 s: no such file" };
    expect(await prove(saying(refusal), candidate)).toEqual(failed);
    const base = saying(away);
    let looks = 0;
    const inspectContainer = async () => {
      looks += 1;
      if (looks > 3) throw away;
      return party({ id: NEW });
    };
    const gone = { ...base, engine: { ...base.engine, inspectContainer } };
    await expect(prove(gone, candidate)).rejects.toBe(away);
    expect(await complaints(gone, RECORD.old)).toEqual([]);
  });

  it("must not be waited for anew each time a connection breaks on the way", async () => {
    expect(await prove(saying(away, well), candidate)).toEqual({ kind: "proven" });
    expect(await prove(saying(unwell, away, unwell), candidate)).toMatchObject({ kind: "failed" });
  });

  it.each([
    ["gone", null],
    ["started again", party({ id: NEW, startedAt: 2 })],
    ["ended", party({ id: NEW, state: "exited" })],
    ["restarting", party({ id: NEW, state: "restarting" })],
  ])("that is %s meanwhile must be looked at anew", async (_what, found) => {
    const base = saying(well);
    let looks = 0;
    const inspectContainer = async () => (++looks < 3 ? party({ id: NEW }) : found);
    const verdict = await prove({ ...base, engine: { ...base.engine, inspectContainer } }, candidate);
    expect(verdict).toEqual({ kind: "unclear" });
  });
});
