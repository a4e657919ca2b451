// An agent that is cut off at any call of an update with copied secrets and hooks: the next one brings it to its end.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { BoardhandError } from "../../../src/core/model/index.ts";
import type { Engine } from "../../../src/ports/index.ts";
import { IDLE, pushScript, ROLLOUT } from "../failures/support.ts";
import { World } from "../world.ts";

const COMPOSE = `
services:
  web:
    image: REG/web
    restart: always
    labels: {round: "ROUND"}
    secrets: [token]
    post_start: [{command: [/bin/busybox, sh, -c, "cat /run/secrets/token >> /tmp/hooked"]}]
secrets: {token: {environment: TOKEN}}
`;
/** Calls that change something, in the order of the port. */
const CHANGES = [
  "createContainer",
  "connectNetwork",
  "renameContainer",
  "setRestartPolicy",
  "stopContainer",
  "startContainer",
  "copyFile",
  "exec",
  "removeContainer",
] as const;
const TOO_MANY = 30;
/** An update changes at least this much: create, copy, two renames, policy, stop, start, hook. */
const FEWEST_CALLS = 8;

async function round(board: World, n: number): Promise<void> {
  await board.writeCompose(COMPOSE.replace("ROUND", String(n)));
  await writeFile(join(board.directory, ".env"), `TOKEN=t${n};\n`);
}

/** Lets `n` changes through, the last one `after` it was made or not at all; then there is no engine any more. */
function cutAt(engine: Engine, n: number, when: "before" | "after"): () => boolean {
  const gone = (): never => {
    throw new BoardhandError("E_ENGINE_UNAVAILABLE", "cut off", { retry: "backoff" });
  };
  let calls = 0;
  const cut = CHANGES.map((name) => {
    const real = engine[name].bind(engine) as (...args: readonly unknown[]) => Promise<unknown>;
    const made = async (...args: readonly unknown[]): Promise<unknown> => {
      calls += 1;
      if (calls > n || (calls === n && when === "before")) gone();
      const result = await real(...args);
      return calls === n ? gone() : result;
    };
    return [name, made] as const;
  });
  Object.assign(engine, Object.fromEntries(cut));
  return () => calls >= n;
}

async function oneLook(board: World): Promise<void> {
  const parts = await board.parts();
  const source = await parts.sources.find(board.project);
  if (source === null) throw new Error("no project");
  const trigger = { project: board.project, cause: "manual", refresh: true, force: false } as const;
  let again: number | null = 0;
  for (let looks = 0; again !== null && looks < 3; looks++) {
    again = await parts.reconciler.look(source, { trigger, rollback: null });
  }
}

describe.concurrent("an update with a secret and a hook", () => {
  for (const when of ["before", "after"] as const) {
    it(`must be finished when it is cut off just ${when} any call`, { timeout: 1_200_000 }, async () => {
      const board = await World.create({
        compose: COMPOSE,
        config: { rollout: { ...ROLLOUT, monitorMs: 300 } },
      });
      try {
        await pushScript(board, "web", { version: "1", script: IDLE });
        await round(board, 0);
        await board.look();
        for (let n = 1; n < TOO_MANY; n++) {
          await round(board, n);
          const wasCut = cutAt((await board.parts()).deps.engine, n, when);
          await oneLook(board);
          const ended = !wasCut();
          await board.restart();
          expect((await board.look()).rollout.kind).toBe("idle");
          const web = await board.container("web");
          expect(await board.containers()).toHaveLength(1);
          expect([web.name, web.state, web.labels.round]).toEqual([
            `${board.project}-web-1`,
            "running",
            String(n),
          ]);
          const { stdout } = await board.docker("exec", web.id, "/bin/busybox", "cat", "/tmp/hooked");
          // Once more where nothing could tell whether it had run.
          expect([`t${n};`, `t${n};t${n};`]).toContain(stdout.replaceAll("\n", ""));
          if (!ended) continue;
          expect(n).toBeGreaterThan(FEWEST_CALLS);
          return;
        }
        throw new Error("the update has no end");
      } finally {
        await board.destroy();
      }
    });
  }
});
