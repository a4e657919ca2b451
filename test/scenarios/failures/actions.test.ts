import { describe, expect } from "vitest";
import { eventually } from "../daemon/process.ts";
import { FAILING_PROBE, PROBE } from "../probes.ts";
import { expectUntouched, lookIdly, pushScript, resumeByHand, SERVE, scenario, skipTime } from "./support.ts";

const WEB = `
services:
  web:
    image: REG/web
    restart: unless-stopped
`;
const withAction = (action: string) => `
services:
  web:
    image: REG/web
    restart: unless-stopped
    deploy: {update_config: {failure_action: ${action}}}
  zoo: {image: REG/zoo, restart: unless-stopped, depends_on: [web]}
`;

describe("failure_action", () => {
  scenario(
    "pause must leave the failed container to be looked at, do nothing more by itself, and go on with a new push",
    { compose: withAction("pause") },
    async (board) => {
      await board.push("web", "1");
      await board.push("zoo", "1");
      await board.look();
      const [web, zoo] = [await board.container("web"), await board.container("zoo")];
      await board.push("web", "bad", "serve", { healthcheck: FAILING_PROBE });
      await board.push("zoo", "2");
      expect((await board.look()).rollout).toMatchObject({ kind: "stalled", rolledBack: false });
      const failed = await board.container("web");
      expect(failed).toMatchObject({ state: "running", health: "unhealthy" });
      const waiting = (await board.containers()).find((c) => c.id === web.id);
      expect(waiting).toMatchObject({ state: "exited", restartPolicy: "no" });
      const other = (await board.containers()).find((c) => c.id === zoo.id);
      expect(other).toMatchObject({ name: zoo.name, state: "running", startedAt: zoo.startedAt });
      await lookIdly(board);
      await skipTime(board, 3_600_000);
      await lookIdly(board);

      await board.push("web", "3", "serve", { healthcheck: PROBE });
      expect((await board.look()).rollout.kind).toBe("idle");
      expect([await board.answer("web"), await board.answer("zoo")]).toEqual(["3", "2"]);
      expect(await board.containers()).toHaveLength(2);
    },
  );

  scenario(
    "pause must go on with what is left when a person applies",
    { compose: withAction("pause") },
    async (board) => {
      await board.push("web", "1");
      await board.push("zoo", "1");
      await board.look();
      const web = await board.container("web");
      await board.push("web", "bad", "serve", { healthcheck: FAILING_PROBE });
      await board.push("zoo", "2");
      await board.look();
      await board.look({ force: true });
      expect(await board.answer("zoo")).toBe("2");
      expect((await board.container("web")).id).not.toBe(web.id);
    },
  );

  scenario(
    "pause must let a person go back to what worked, by the same container",
    { compose: withAction("pause") },
    async (board) => {
      await board.push("web", "1");
      await board.push("zoo", "1");
      await board.look();
      const web = await board.container("web");
      await board.push("web", "bad", "serve", { healthcheck: FAILING_PROBE });
      await board.look();
      await board.rollback();
      await expectUntouched(board, "web", web);
      expect(await board.answer("web")).toBe("1");
      await lookIdly(board);
      expect(board.held()).toEqual({ web: "Quarantined" });
    },
  );

  scenario(
    "continue must leave the failed service as it is and move the others",
    { compose: withAction("continue") },
    async (board) => {
      await board.push("web", "1");
      await board.push("zoo", "1");
      await board.look();
      await board.push("web", "bad", "serve", { healthcheck: FAILING_PROBE });
      await board.push("zoo", "2");
      expect((await board.look()).rollout.kind).toBe("idle");
      expect(await board.answer("zoo")).toBe("2");
      expect(await board.container("web")).toMatchObject({ state: "running", health: "unhealthy" });
    },
  );
});

describe("a definition that fails", () => {
  scenario(
    "must be refused by its definition until the file is edited again",
    { compose: WEB },
    async (board) => {
      await board.push("web", "1");
      await board.look();
      const old = await board.container("web");
      await board.writeCompose(`${WEB}    command: ["/bin/busybox", "false"]\n`);
      const memory = await board.look();
      expect(memory.rollout).toMatchObject({ kind: "stalled", rolledBack: true });
      expect(memory.quarantine).toMatchObject([{ service: "web", platformDigest: null }]);
      await expectUntouched(board, "web", old);
      await lookIdly(board);
      expect(board.held()).toEqual({ web: "Quarantined" });
      await board.writeCompose(`${WEB}    environment: {MODE: other}\n`);
      expect((await board.look()).rollout.kind).toBe("idle");
      expect((await board.container("web")).id).not.toBe(old.id);
    },
  );
});

describe("a first deployment that fails", () => {
  const compose = `
services:
  early: {image: REG/early, restart: unless-stopped}
  web: {image: REG/web}
  zoo: {image: REG/zoo, restart: unless-stopped}
`;

  scenario(
    "must be left for inspection and be tried again with growing pauses, without touching what runs or keeping the others waiting",
    { compose },
    async (board) => {
      await board.push("early", "1");
      await board.push("web", "bad", "crash");
      await board.push("zoo", "1");
      const memory = await board.look();
      expect(memory.rollout).toMatchObject({ kind: "stalled", rolledBack: false, good: null });
      expect(memory.quarantine).toEqual([]);
      const [early, web] = [await board.container("early"), await board.container("web")];
      expect(web).toMatchObject({ state: "exited", exitCode: 3 });
      await lookIdly(board);
      await skipTime(board, 31_000);
      await board.look();
      expect(await board.answer("zoo")).toBe("1");
      const again = await board.container("web");
      expect(again.id).toBe(web.id);
      expect(again.startedAt).toBeGreaterThan(web.startedAt ?? 0);
      await skipTime(board, 31_000);
      await lookIdly(board);
      await expectUntouched(board, "early", early);
      expect((await board.container("early")).startedAt).toBe(early.startedAt);
      await board.push("web", "2");
      expect((await board.look()).rollout.kind).toBe("idle");
      expect(await board.answer("web")).toBe("2");
    },
  );

  scenario(
    "must count as deployed once it got well by itself",
    { compose: "services: {web: {image: REG/web, restart: unless-stopped}}", config: {} },
    async (board) => {
      await pushScript(board, "web", {
        version: "1",
        script: SERVE,
        config: {
          Healthcheck: {
            Test: ["CMD-SHELL", "test -e /tmp/well"],
            Interval: 200_000_000,
            Timeout: 20_000_000_000,
            Retries: 2,
          },
        },
      });
      expect((await board.look()).rollout).toMatchObject({ kind: "stalled", good: null });
      await board.docker("exec", (await board.container("web")).id, "/bin/busybox", "touch", "/tmp/well");
      await eventually(
        async () => (await board.container("web")).health,
        (health) => health === "healthy",
      );
      // It has to have run for a whole monitor window.
      const last = await eventually(
        async () => (await board.look()).rollout,
        ({ kind }) => kind !== "stalled",
      );
      expect(last).toMatchObject({ kind: "idle", good: expect.any(String) });
    },
  );
});

describe("the rollback command", () => {
  const compose = `
services:
  api: {image: REG/api, restart: unless-stopped}
  web: {image: REG/web, restart: unless-stopped}
`;

  scenario(
    "must bring all services back by digest, refuse what was left, and let resume go forward again",
    { compose },
    async (board) => {
      for (const name of ["api", "web"]) await board.push(name, "1");
      await board.look();
      for (const name of ["api", "web"]) await board.push(name, "2");
      await board.look();
      expect((await board.rollback()).rollout.kind).toBe("idle");
      expect([await board.answer("api"), await board.answer("web")]).toEqual(["1", "1"]);
      await lookIdly(board);
      expect(board.held()).toEqual({ api: "Quarantined", web: "Quarantined" });
      expect((await resumeByHand(board)).rollout.kind).toBe("idle");
      expect([await board.answer("api"), await board.answer("web")]).toEqual(["2", "2"]);
      expect(await board.containers()).toHaveLength(2);
    },
  );

  scenario("must leave alone the services it was not asked for", { compose }, async (board) => {
    for (const name of ["api", "web"]) await board.push(name, "1");
    await board.look();
    for (const name of ["api", "web"]) await board.push(name, "2");
    await board.look();
    const api = await board.container("api");
    expect((await board.rollback(["web"])).rollout.kind).toBe("idle");
    expect(await board.answer("web")).toBe("1");
    await expectUntouched(board, "api", api);
    await lookIdly(board);
    expect(board.held()).toEqual({ web: "Quarantined" });
    await board.push("web", "3");
    await board.look();
    expect([await board.answer("api"), await board.answer("web")]).toEqual(["2", "3"]);
  });
});
