import { describe, expect } from "vitest";
import { PROBE } from "../probes.ts";
import { expectUntouched, IDLE, inspect, lookIdly, pushScript, ROLLOUT, scenario } from "./support.ts";

describe("services that hang together", () => {
  scenario(
    "all that moved must go back together, one that did not move must not be touched, and all must go on when the culprit's tag moves",
    {
      compose: `
services:
  api: {image: REG/api, restart: unless-stopped}
  bystander: {image: REG/bystander, restart: unless-stopped}
  web: {image: REG/web, restart: unless-stopped, depends_on: [api]}
`,
    },
    async (board) => {
      for (const name of ["api", "bystander", "web"]) await board.push(name, "1");
      await board.look();
      const [api, web, other] = await Promise.all(
        ["api", "web", "bystander"].map((name) => board.container(name)),
      );
      if (api === undefined || web === undefined || other === undefined) throw new Error("not deployed");
      await board.push("api", "2");
      await board.push("web", "bad", "crash");
      const memory = await board.look();
      expect(memory.rollout).toMatchObject({ kind: "stalled", rolledBack: true });
      await expectUntouched(board, "api", api);
      await expectUntouched(board, "web", web);
      await expectUntouched(board, "bystander", other);
      expect((await board.container("bystander")).startedAt).toBe(other.startedAt);
      await lookIdly(board);
      expect(board.held()).toEqual({ api: "Quarantined", web: "Quarantined" });
      await board.push("web", "3");
      expect((await board.look()).rollout.kind).toBe("idle");
      expect([await board.answer("api"), await board.answer("web")]).toEqual(["2", "3"]);
    },
  );

  scenario(
    "a dependent with restart: true must be restarted when its dependency is replaced, and again when that goes back",
    {
      compose: `
services:
  app:
    image: REG/app
    restart: unless-stopped
    depends_on: {db: {condition: service_started, restart: true}}
  db: {image: REG/db, restart: unless-stopped}
`,
    },
    async (board) => {
      await board.push("app", "1");
      await board.push("db", "1");
      await board.look();
      const first = await board.container("app");
      await board.push("db", "2");
      expect((await board.look()).rollout.kind).toBe("idle");
      const second = await board.container("app");
      expect(second.id).toBe(first.id);
      expect(second.startedAt).toBeGreaterThan(first.startedAt ?? 0);
      const db = await board.container("db");
      await pushScript(board, "db", { version: "bad", script: "sleep 0.5; exit 1" });
      const memory = await board.look();
      expect(memory.rollout).toMatchObject({ kind: "stalled", rolledBack: true });
      await expectUntouched(board, "db", db);
      await expectUntouched(board, "app", second);
      const restored = await board.container("db");
      expect((await board.container("app")).startedAt).toBeGreaterThan(restored.startedAt ?? 0);
    },
  );

  scenario(
    "a service in another one's network namespace must move with it, and both must go back to the same containers",
    {
      compose: `
services:
  vpn: {image: REG/vpn, restart: unless-stopped}
  app: {image: REG/app, restart: unless-stopped, network_mode: "service:vpn"}
`,
      config: { rollout: { ...ROLLOUT, monitorMs: 3000 } },
    },
    async (board) => {
      await board.push("vpn", "1", "serve", { healthcheck: PROBE });
      await pushScript(board, "app", { version: "1", script: IDLE });
      await board.look();
      const before = await board.container("app");
      await board.push("vpn", "2", "serve", { healthcheck: PROBE });
      expect((await board.look()).rollout.kind).toBe("idle");
      const [vpn, app] = [await board.container("vpn"), await board.container("app")];
      expect(app.id).not.toBe(before.id);
      expect(await inspect(board, app.id, ".HostConfig.NetworkMode")).toBe(`container:${vpn.id}`);
      expect(await board.answer("app")).toBe("2");
      await board.push("vpn", "bad", "crash");
      const memory = await board.look();
      expect(memory.rollout).toMatchObject({ kind: "stalled", rolledBack: true });
      await expectUntouched(board, "vpn", vpn);
      await expectUntouched(board, "app", app);
      expect(await board.answer("app")).toBe("2");
      await lookIdly(board);
      // This one passes its gate, so that the other service has moved when it fails.
      await pushScript(board, "vpn", { version: "late", script: "sleep 1.5; exit 1" });
      expect((await board.look()).rollout).toMatchObject({ kind: "stalled", rolledBack: true });
      await expectUntouched(board, "vpn", vpn);
      await expectUntouched(board, "app", app);
      expect(await board.answer("app")).toBe("2");
    },
  );

  scenario(
    "a one-shot job must run again before what waits for it, and its failure must leave both as they were",
    {
      compose: `
services:
  migrate: {image: REG/migrate}
  app:
    image: REG/app
    restart: unless-stopped
    depends_on: {migrate: {condition: service_completed_successfully}}
`,
    },
    async (board) => {
      await board.push("migrate", "1", "exit");
      await board.push("app", "1");
      expect((await board.look()).rollout.kind).toBe("idle");
      expect(await board.container("migrate")).toMatchObject({ state: "exited", exitCode: 0 });
      await lookIdly(board);
      await board.push("migrate", "2", "exit");
      await board.push("app", "2");
      expect((await board.look()).rollout.kind).toBe("idle");
      const [migrate, app] = [await board.container("migrate"), await board.container("app")];
      expect(app.startedAt).toBeGreaterThan(migrate.finishedAt ?? Number.POSITIVE_INFINITY);
      expect(await board.answer("app")).toBe("2");
      await board.push("migrate", "bad", "crash");
      await board.push("app", "3");
      const memory = await board.look();
      expect(memory.rollout).toMatchObject({ kind: "stalled", rolledBack: true });
      await expectUntouched(board, "app", app);
      expect((await board.container("app")).startedAt).toBe(app.startedAt);
      const job = await board.container("migrate");
      expect(job).toMatchObject({ id: migrate.id, state: "exited", exitCode: 0 });
      expect(job.startedAt).toBe(migrate.startedAt);
      await lookIdly(board);
    },
  );

  scenario(
    "both replicas must be replaced, both must go back, and the surplus one must go when only one is wanted",
    { compose: "services: {web: {image: REG/web, restart: unless-stopped, deploy: {replicas: 2}}}" },
    async (board) => {
      const ids = async () => (await board.containers()).map((c) => [c.name, c.id, c.state]);
      await board.push("web", "1");
      await board.look();
      await board.push("web", "2");
      expect((await board.look()).rollout.kind).toBe("idle");
      const good = await ids();
      expect(good.map(([name]) => name)).toEqual([`${board.project}-web-1`, `${board.project}-web-2`]);
      await board.push("web", "bad", "crash");
      expect((await board.look()).rollout).toMatchObject({ kind: "stalled", rolledBack: true });
      expect(await ids()).toEqual(good);
      await board.writeCompose("services: {web: {image: REG/web, restart: unless-stopped}}");
      await board.look();
      expect(await ids()).toEqual(good.slice(0, 1));
    },
  );
});
