// The daemon as a process: what is pushed arrives by itself, its page and API answer, and people can steer it.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FAILING_PROBE, PROBE } from "../probes.ts";
import type { Daemon } from "./daemon.ts";
import { eventually } from "./process.ts";
import { daemon, heldFor, NEVER, project, running, WEB } from "./support.ts";

const TOKEN = "correct-horse-battery-staple";

describe("the daemon on a schedule", () => {
  it("must bring a pushed version by itself, and put the old container back when one fails", async () => {
    const board = await running();
    await board.world.push("web", "2", "serve", { healthcheck: PROBE });
    await board.comesToAnswer("web", "2");
    expect(await board.settles()).toBe("idle");
    const { id } = await board.world.container("web");
    await board.world.push("web", "bad", "serve", { healthcheck: FAILING_PROBE });
    await eventually(
      () => heldFor(board),
      (reason) => reason === "Quarantined",
    );
    await board.settles();
    expect(await board.world.container("web")).toMatchObject({ id, state: "running" });
    const plans = await deployments(board);
    // Several more ticks: the failed one is not tried again.
    await eventually(async () => (await board.get("/api/v1/status")).body, looksAfter(Date.now() + 2500));
    expect(await deployments(board)).toEqual(plans);
    expect((await board.end()).code).toBe(0);
    expect(await board.world.container("web")).toMatchObject({ id, state: "running" });
  });

  it("must run a trigger that came during a rollout after it, once", async () => {
    const board = await running(NEVER);
    // Under way until it is told to be well.
    const healthcheck = { ...PROBE, Test: ["CMD", "/bin/busybox", "test", "-e", "/tmp/well"], Retries: 1000 };
    await board.world.push("web", "2", "serve", { healthcheck });
    await board.post("/api/v1/check");
    await eventually(
      () => rollout(board),
      (state) => state === "progressing",
    );
    await board.world.push("web", "3");
    for (let i = 0; i < 5; i++) await board.post("/api/v1/check");
    expect(await rollout(board)).toBe("progressing");
    await eventually(
      () => tellToBeWell(board),
      (done) => done,
    );
    await board.comesToAnswer("web", "3");
    expect(await board.settles()).toBe("idle");
    const { body } = await board.get(`/api/v1/projects/${board.world.project}/history?limit=500`);
    const moves = (body as { entries: { event: { type: string; state?: { kind: string } } }[] }).entries
      .map(({ event }) => event.state?.kind)
      .filter((kind) => kind === "progressing");
    // Versions 1, 2 and 3: the five triggers were one look.
    expect(moves).toHaveLength(3);
  });
});

/** What set off each plan that moves containers; the removal of old images comes when it comes. */
async function deployments(board: Daemon): Promise<readonly string[]> {
  const { body } = await board.get(`/api/v1/projects/${board.world.project}/history?limit=500`);
  return (body as { entries: { event: { type: string; trigger?: string } }[] }).entries.flatMap(
    ({ event }) =>
      event.type === "plan" && event.trigger !== undefined && event.trigger !== "tidy" ? [event.trigger] : [],
  );
}

/** False while there is none that could be told. */
async function tellToBeWell(board: Daemon): Promise<boolean> {
  try {
    const { id, health } = await board.world.container("web");
    // The one before has no health check.
    if (health === "none") return false;
    await board.world.docker("exec", id, "/bin/busybox", "touch", "/tmp/well");
    return true;
  } catch {
    return false;
  }
}

async function rollout(board: Daemon): Promise<string> {
  const { body } = await board.get(`/api/v1/projects/${board.world.project}`);
  return (body as { rollout: { state: string } }).rollout.state;
}

function looksAfter(moment: number) {
  return (status: unknown): boolean => {
    const { projects } = status as { projects: readonly { lastLookAt: string | number | null }[] };
    const at = projects[0]?.lastLookAt ?? 0;
    return new Date(at).getTime() > moment;
  };
}

describe("the daemon's API", () => {
  it("must tell health, status, project, history and events as they are", async () => {
    const board = await running(NEVER);
    expect(await board.get("/healthz")).toEqual({ status: 200, body: { ok: true, reasons: [] } });
    const status = (await board.get("/api/v1/status")).body as {
      agent: { platform: { architecture: string }; engine: { version: string } };
      projects: { name: string; services: { name: string; container: { id: string; state: string } }[] }[];
    };
    expect(status.agent.platform.architecture).toBe("amd64");
    const [one] = status.projects;
    expect(one?.name).toBe(board.world.project);
    const { id } = await board.world.container("web");
    expect(one?.services[0]).toMatchObject({ name: "web", container: { id, state: "running" } });
    expect((await project(board)).plan?.text).toContain("createContainer");
    expect((await board.get("/api/v1/projects/nobody")).status).toBe(404);

    const stop = new AbortController();
    const stream = await fetch(`${board.base}/api/v1/events`, { signal: stop.signal });
    await board.world.push("web", "2");
    expect((await board.post(`/api/v1/projects/${board.world.project}/check`)).status).toBe(202);
    let events = "";
    for await (const chunk of stream.body ?? []) {
      events += Buffer.from(chunk).toString();
      if (/event: ?progress/.test(events) && /event: ?changed/.test(events)) break;
    }
    stop.abort();
    await board.comesToAnswer("web", "2");
  });

  it("must suspend, resume, apply and roll back when asked", async () => {
    const board = await running();
    const act = (what: string) => board.post(`/api/v1/projects/${board.world.project}/${what}`);
    expect((await act("suspend")).status).toBe(202);
    await board.world.push("web", "2");
    await eventually(
      () => heldFor(board),
      (reason) => reason === "Suspended",
    );
    expect(await board.answer("web")).toBe("1");
    await act("resume");
    await board.comesToAnswer("web", "2");
    await board.settles();
    await act("rollback");
    await board.comesToAnswer("web", "1");
    await board.settles();
    await eventually(
      () => heldFor(board),
      (reason) => reason === "Quarantined",
    );
    await board.world.docker("stop", (await board.world.container("web")).id);
    await eventually(
      () => board.world.answerNow("web"),
      (seen) => seen === null,
    );
    await act("apply");
    await eventually(
      () => board.world.answerNow("web"),
      (seen) => seen !== null,
    );
  });

  it("must take changes only with the token where one is configured", async () => {
    const work = await daemon({ compose: WEB, files: { token: TOKEN } }, NEVER);
    const file = join(work.world.directory, "../../token");
    await writeFile(file, `${TOKEN}\n`, { mode: 0o600 });
    const board = await daemon({ compose: WEB }, { ...NEVER, http: { token_file: file } });
    await board.world.push("web", "1");
    await board.start();
    const path = `/api/v1/projects/${board.world.project}/suspend`;
    expect((await board.post(path)).status).toBe(401);
    expect((await board.post(path, { authorization: "Bearer of-bad-news-for-you" })).status).toBe(401);
    expect((await board.get("/api/v1/status")).status).toBe(200);
    expect((await board.post(path, { authorization: `Bearer ${TOKEN}` })).status).toBe(202);
    expect((await board.command("resume", board.world.project)).code).toBe(0);
    await board.comesToAnswer("web", "1");
    expect(board.said).not.toContain(TOKEN);
  });
});

describe("commands", () => {
  it("must work through the running daemon", async () => {
    const board = await running(NEVER);
    const name = board.world.project;
    const status = await board.command("status", "--json");
    expect(JSON.parse(status.stdout)).toMatchObject({ projects: [{ name }] });
    expect((await board.command("status")).stdout).toContain(name);
    await board.world.push("web", "2");
    expect(await board.command("apply", "--json")).toMatchObject({ code: 0, stderr: "" });
    expect(await board.answer("web")).toBe("2");
    expect(await board.command("rollback", name)).toMatchObject({ code: 0, stderr: "" });
    expect(await board.answer("web")).toBe("1");
    expect((await board.command("suspend", name)).stdout).toContain("suspended");
    await eventually(
      () => heldFor(board),
      (reason) => reason === "Suspended",
    );
    expect((await board.command("resume", name)).code).toBe(0);
    await board.comesToAnswer("web", "2");
    await board.settles();
    await board.world.push("web", "bad", "serve", { healthcheck: FAILING_PROBE });
    const failed = await board.command("apply", "--json");
    expect(failed.code).toBe(1);
    expect(JSON.parse(failed.stdout)).toMatchObject([{ project: name, ok: false }]);
    expect((await board.command("apply", "nobody")).code).toBe(1);
    expect((await board.command("check", "--json")).code).toBe(0);
  });

  it("must work without a daemon, and print JSON alone on standard output", async () => {
    const board = await daemon({ compose: WEB }, NEVER);
    await board.world.push("web", "1");
    const json = async (code: number, ...words: string[]): Promise<unknown> => {
      const ended = await board.command(...words, "--json");
      expect(ended, words.join(" ")).toMatchObject({ code });
      return JSON.parse(ended.stdout);
    };
    const name = board.world.project;
    expect(await json(0, "check")).toMatchObject([{ project: name, service: "web", decision: "create" }]);
    expect(await json(0, "plan")).toMatchObject([{ project: name, plan: { moved: ["web"] } }]);
    expect(await board.world.containers()).toEqual([]);
    expect(await json(0, "apply")).toEqual([{ project: name, ok: true, rollout: "idle", message: "" }]);
    expect(await json(0, "check")).toMatchObject([{ decision: "up to date" }]);
    expect(await json(0, "suspend", name)).toEqual({ project: name, action: "suspend", ok: true });
    expect(await json(0, "plan")).toMatchObject([{ plan: { steps: [] } }]);
    await json(0, "resume", name);
    await board.world.push("web", "2");
    await json(0, "apply", name);
    await json(0, "rollback", name);
    expect(await board.answer("web")).toBe("1");
    const unreachable = await board.command("status", "--json");
    expect(unreachable.code).toBe(1);
    expect(JSON.parse(unreachable.stderr)).toMatchObject({ error: { code: "E_AGENT_UNREACHABLE" } });
  });
});
