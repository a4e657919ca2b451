// Hooks on the real engine: run after a start and before a stop, and what their failure means.
import { describe, expect } from "vitest";
import { BoardhandError } from "../../../src/core/model/index.ts";
import {
  expectUntouched,
  IDLE,
  lookIdly,
  pushScript,
  resumeByHand,
  scenario,
  stepsOf,
} from "../failures/support.ts";
import type { World } from "../world.ts";

const hook = (command: string): string => `{command: [/bin/busybox, sh, -c, ${JSON.stringify(command)}]}`;

/** What a hook finds around it; `$$` is a dollar sign in a compose file. */
const SAY = "echo $$(id -u) $$A $${GONE-unset} $$(pwd) >> /tmp/first";

const WEB = `
services:
  web:
    image: REG/web
    restart: unless-stopped
`;

async function push(board: World, version = "1"): Promise<void> {
  await pushScript(board, "web", { version, script: IDLE });
}

async function cat(board: World, service: string, path: string): Promise<string> {
  const { id } = await board.container(service);
  return (await board.docker("exec", id, "/bin/busybox", "cat", path)).stdout;
}

describe("post_start", () => {
  scenario(
    "must run in order after the start, with its user, directory and environment",
    {
      compose: `${WEB}    environment: {GONE: here}
    post_start:
      - ${hook(SAY)}
      - command: [/bin/busybox, sh, -c, ${JSON.stringify(SAY)}]
        user: "1234"
        working_dir: /tmp
        environment: {A: b c, GONE: }
`,
    },
    async (board) => {
      // For both users from the start on: a hook does not wait for what the container does first.
      const files = { "tmp/first": { content: "", mode: 0o666 } };
      await pushScript(board, "web", { version: "1", script: IDLE, files });
      expect((await board.look()).rollout.kind).toBe("idle");
      expect(await cat(board, "web", "/tmp/first")).toBe("0 here /\n1234 b c unset /tmp\n");
      const order = stepsOf(board).filter((kind) => /start|Hook|Healthy/.test(kind));
      expect(order).toEqual(["startContainer", "runHook", "runHook", "awaitHealthy"]);
    },
  );

  scenario(
    "that fails must bring the old container back, and say what the hook said but not its command",
    { compose: WEB },
    async (board) => {
      await push(board);
      await board.look();
      const old = await board.container("web");
      await board.writeCompose(
        `${WEB}    post_start: [${hook("echo no migration >&2; exit 7 # password")}]\n`,
      );
      const { rollout } = await board.look();
      expect(rollout).toMatchObject({ kind: "stalled", rolledBack: true });
      const reason = "reason" in rollout ? rollout.reason : "";
      expect(reason).toContain("its post_start hook 1 ended with code 7: no migration");
      expect(reason).not.toContain("password");
      await expectUntouched(board, "web", old);
      await lookIdly(board);
      expect(board.held()).toEqual({ web: "Quarantined" });
      await board.writeCompose(`${WEB}    post_start: [${hook("true")}]\n`);
      expect((await board.look()).rollout.kind).toBe("idle");
    },
  );

  scenario(
    "that never ends must fail when its time is over, and one that leaves something in the background must not",
    {
      compose: `${WEB}    post_start: [${hook("sleep 300 &")}]\n`,
      config: {
        rollout: { order: "stop-first", monitorMs: 500, failureAction: "rollback", healthTimeoutMs: 15_000 },
      },
    },
    async (board) => {
      await push(board);
      expect((await board.look()).rollout.kind).toBe("idle");
      await board.writeCompose(`${WEB}    post_start: [${hook("echo waiting; sleep 300")}]\n`);
      expect((await board.look()).rollout).toMatchObject({
        kind: "stalled",
        rolledBack: true,
        reason: expect.stringContaining("its post_start hook 1 still runs after 15 s: waiting"),
      });
    },
  );

  scenario(
    "must be run by the next agent when the last one was ended between the start and its hook",
    { compose: `${WEB}    post_start: [${hook("echo run >> /tmp/hooked")}]\n` },
    async (board) => {
      await push(board);
      const { deps } = await board.parts();
      Object.assign(deps.engine, {
        exec: async () => {
          throw new BoardhandError("E_ENGINE_UNAVAILABLE", "cut off", { retry: "backoff" });
        },
      });
      const parts = await board.parts();
      const source = await parts.sources.find(board.project);
      if (source === null) throw new Error("no project");
      const trigger = { project: board.project, cause: "manual", refresh: true, force: false } as const;
      await parts.reconciler.look(source, { trigger, rollback: null });
      expect((await board.rolloutState()).kind).toBe("progressing");
      const { id } = await board.container("web");
      await board.restart();
      expect((await board.look()).rollout.kind).toBe("idle");
      expect((await board.container("web")).id).toBe(id);
      expect(await cat(board, "web", "/tmp/hooked")).toBe("run\n");
    },
  );

  scenario(
    "must run again after a way back has started the old container",
    { compose: `${WEB}    post_start: [${hook("echo run >> /tmp/hooked")}]\n` },
    async (board) => {
      await push(board);
      await board.look();
      const old = await board.container("web");
      await pushScript(board, "web", { version: "2", script: "exit 3" });
      expect((await board.look()).rollout).toMatchObject({ kind: "stalled", rolledBack: true });
      await expectUntouched(board, "web", old);
      expect(await cat(board, "web", "/tmp/hooked")).toBe("run\nrun\n");
    },
  );
});

describe("pre_stop", () => {
  const FOLLOWED = (version: number) => `
services:
  db: {image: REG/web, restart: always, labels: {v: "${version}"}}
  web:
    image: REG/web
    restart: always
    depends_on: {db: {condition: service_started, restart: true}}
    post_start: [${hook("echo up >> /tmp/log")}]
    pre_stop: [${hook("echo down >> /tmp/log")}]
`;
  const SCALED = (replicas: number, command: string): string =>
    `${WEB}    scale: ${replicas}
    volumes: ["./out:/out"]
    pre_stop: [${hook(command)}]
`;

  scenario(
    "must run before a surplus container stops, and not when a container is replaced",
    { compose: SCALED(2, "hostname >> /out/stopped") },
    async (board) => {
      await push(board);
      await board.look();
      const second = (await board.containers()).find((c) => c.number === 2);
      await push(board, "2");
      expect((await board.look()).rollout.kind).toBe("idle");
      const replaced = (await board.containers()).find((c) => c.number === 2);
      expect(replaced?.id).not.toBe(second?.id);
      await board.writeCompose(SCALED(1, "hostname >> /out/stopped"));
      await board.look();
      expect((await board.containers()).map((c) => c.number)).toEqual([1]);
      expect(await cat(board, "web", "/out/stopped")).toBe(`${replaced?.id.slice(0, 12)}\n`);
    },
  );

  scenario(
    "that fails must leave a surplus container running",
    { compose: SCALED(2, "exit 1") },
    async (board) => {
      await push(board);
      await board.look();
      await board.writeCompose(SCALED(1, "exit 1"));
      await board.look();
      expect((await board.containers()).map((c) => [c.number, c.state])).toEqual([
        [1, "running"],
        [2, "running"],
      ]);
    },
  );

  scenario(
    "must run, and post_start after it, where a dependency's replacement restarts the container",
    {
      compose: FOLLOWED(1),
    },
    async (board) => {
      await push(board);
      await board.look();
      const { id } = await board.container("web");
      await board.writeCompose(FOLLOWED(2));
      expect((await board.look()).rollout.kind).toBe("idle");
      expect((await board.container("web")).id).toBe(id);
      expect(await cat(board, "web", "/tmp/log")).toBe("up\ndown\nup\n");
      await resumeByHand(board);
    },
  );
});
