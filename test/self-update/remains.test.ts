// What a hand-over leaves, and what it means to the agent that finds it.
import { describe, expect, it } from "vitest";
import { AGENT, type AgentContainer } from "../../src/core/model/index.ts";
import { remainsOf } from "../../src/self-update/remains.ts";
import { agent } from "./agents.ts";

const OLD = agent("a", { name: "boardhand" });
const RECORD = {
  [AGENT.old]: OLD.id,
  [AGENT.name]: "boardhand",
  [AGENT.restartPolicy]: "unless-stopped",
  [AGENT.digest]: "sha256:new",
};
const next = (parts: Partial<AgentContainer> = {}) =>
  agent("b", { name: "boardhand.next", state: "created", startedAt: null, labels: RECORD, ...parts });
const updater = (parts: Partial<AgentContainer> = {}) =>
  agent("c", {
    name: "boardhand.updater",
    role: "updater",
    state: "exited",
    restartPolicy: "no",
    labels: { ...RECORD, [AGENT.successor]: next().id },
    ...parts,
  });

describe("what is left of a hand-over", () => {
  it("must be nothing where there is only this agent", () => {
    expect(remainsOf(OLD.id, [OLD])).toEqual({ updater: null, open: null, failed: [], useless: [] });
  });

  it.each(["running", "restarting", "paused"] as const)("must wait for an updater that is %s", (state) => {
    expect(remainsOf(OLD.id, [OLD, next(), updater({ state })]).updater?.name).toBe("boardhand.updater");
  });

  it("must be cleared away when it was never begun: successor, pre-flight check and updater", () => {
    const preflight = agent("d", { role: "preflight", state: "running", name: "boardhand.preflight" });
    const seen = remainsOf(OLD.id, [OLD, next(), updater({ state: "created" }), preflight]);
    expect(seen.open).toBeNull();
    expect(seen.useless.map(({ name }) => name).sort()).toEqual([
      "boardhand.next",
      "boardhand.preflight",
      "boardhand.updater",
    ]);
  });

  it("must be carried on by the old agent where the updater is gone and it has lost its name or its policy", () => {
    const renamed = { ...OLD, name: `boardhand.retired-${OLD.id.slice(0, 12)}` };
    for (const own of [renamed, { ...OLD, restartPolicy: "no" }])
      expect(remainsOf(OLD.id, [own, next()]).open).toMatchObject({ actor: "old", record: { old: OLD.id } });
  });

  it("must be carried on by the successor where the old one is still there", () => {
    const retired = { ...OLD, name: `boardhand.retired-${OLD.id.slice(0, 12)}`, state: "exited" as const };
    const own = next({ name: "boardhand", state: "running" });
    const seen = remainsOf(own.id, [retired, own, updater()]);
    expect(seen.open).toMatchObject({ actor: "successor" });
    expect(seen.failed).toEqual([]);
  });

  it("must be over for a successor that has the name, with nothing but its updater left", () => {
    const own = next({ name: "boardhand", state: "running" });
    const seen = remainsOf(own.id, [own, updater()]);
    expect(seen.open).toBeNull();
    expect(seen.useless.map(({ name }) => name)).toEqual(["boardhand.updater"]);
  });

  it("must tell of a successor that failed, and of an updater that ended without success", () => {
    const failed = next({ name: `boardhand.failed-${next().id.slice(0, 12)}`, state: "exited", exitCode: 3 });
    const seen = remainsOf(OLD.id, [OLD, failed, updater({ exitCode: 1 })]);
    expect(seen.open).toBeNull();
    expect(seen.failed.map(({ role, exitCode }) => [role, exitCode])).toEqual([
      ["agent", 3],
      ["updater", 1],
    ]);
  });

  it("must not take a name alone for a failed successor, nor touch another agent's things", () => {
    const stranger = agent("e", { name: "boardhand.failed-ffffffffffff", state: "exited" });
    const others = agent("f", {
      name: "x.next",
      state: "created",
      labels: { ...RECORD, [AGENT.old]: "9".repeat(64) },
    });
    expect(remainsOf(OLD.id, [OLD, stranger, others])).toMatchObject({ open: null, failed: [], useless: [] });
  });
});
