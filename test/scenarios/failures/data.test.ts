import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { removeNetwork } from "../miscount.ts";
import type { World } from "../world.ts";
import { expectUntouched, IDLE, inspect, lookIdly, pushScript, SERVE, scenario } from "./support.ts";

const WEB = "services: {web: {image: REG/web, restart: unless-stopped}}";

const shell = async (board: World, service: string, command: string) =>
  (await board.docker("exec", (await board.container(service)).id, "/bin/sh", "-c", command)).stdout.trim();

describe("what a new container is made from", () => {
  scenario(
    "the new image's command, entry point and environment must be used, never the old container's",
    { compose: WEB },
    async (board) => {
      await pushScript(board, "web", {
        version: "1",
        script: SERVE,
        config: { Env: ["PATH=/bin", "OLD=1"] },
      });
      await board.look();
      await pushScript(board, "web", {
        version: "2",
        script: SERVE,
        config: { Entrypoint: ["/bin/sh"], Cmd: ["/start", "more"], Env: ["PATH=/bin", "NEW=2"] },
      });
      expect((await board.look()).rollout.kind).toBe("idle");
      const { id } = await board.container("web");
      expect(await inspect(board, id, ".Config.Entrypoint")).toEqual(["/bin/sh"]);
      expect(await inspect(board, id, ".Config.Cmd")).toEqual(["/start", "more"]);
      expect(await inspect(board, id, ".Config.Env")).toEqual(["PATH=/bin", "NEW=2"]);
      expect(await inspect(board, id, ".Config.Hostname")).toBe(id.slice(0, 12));
      await pushScript(board, "web", { version: "3", script: SERVE });
      await board.look();
      const third = await board.container("web");
      expect(await inspect(board, third.id, ".Config.Entrypoint")).toBeNull();
      expect(await inspect(board, third.id, ".Config.Cmd")).toEqual(["/start"]);
    },
  );

  scenario(
    "a changed env_file must make a new container, and nothing else may",
    {
      compose: "services: {web: {image: REG/web, restart: unless-stopped, env_file: [web.env]}}",
      files: { "web.env": "A=1\n" },
    },
    async (board) => {
      await board.push("web", "1");
      await board.look();
      const old = await board.container("web");
      await writeFile(join(board.directory, "web.env"), "# a comment\nA=1\n");
      await lookIdly(board);
      await writeFile(join(board.directory, "web.env"), "A=2\n");
      expect((await board.look()).rollout.kind).toBe("idle");
      expect((await board.container("web")).id).not.toBe(old.id);
      expect(await shell(board, "web", "echo $A")).toBe("2");
    },
  );
});

describe("data", () => {
  scenario(
    "in anonymous and named volumes must survive an update and a rollback",
    {
      compose: `
services: {web: {image: REG/web, restart: unless-stopped, volumes: ["named:/named"]}}
volumes: {named: {}}
`,
    },
    async (board) => {
      const config = { Volumes: { "/anonymous": {} } };
      await pushScript(board, "web", { version: "1", script: SERVE, config });
      await board.look();
      await shell(board, "web", "echo kept > /anonymous/a; echo kept > /named/n");
      await pushScript(board, "web", { version: "2", script: SERVE, config });
      expect((await board.look()).rollout.kind).toBe("idle");
      expect(await board.answer("web")).toBe("2");
      expect(await shell(board, "web", "cat /anonymous/a /named/n; echo more >> /anonymous/a")).toBe(
        "kept\nkept",
      );
      const old = await board.container("web");
      await pushScript(board, "web", { version: "bad", script: "echo bad >> /anonymous/a; exit 1", config });
      expect((await board.look()).rollout).toMatchObject({ kind: "stalled", rolledBack: true });
      await expectUntouched(board, "web", old);
      expect(await shell(board, "web", "cat /anonymous/a /named/n")).toMatch(/^kept\nmore\n(bad\n)*kept$/);
    },
  );
});

describe("two projects at once", () => {
  scenario(
    "one that does not validate must be left as it is, with the place named, while the other goes on",
    { compose: WEB },
    async (board) => {
      const other = `${board.project}b`;
      const directory = join(board.directory, "..", other);
      const image = `${board.registry}/${board.project}/other`;
      const compose = `services:\n  app:\n    image: ${image}\n    restart: unless-stopped\n`;
      await mkdir(directory);
      await writeFile(join(directory, "compose.yaml"), compose);
      try {
        await board.push("web", "1");
        await pushScript(board, "other", { version: "1", script: IDLE });
        const parts = await board.parts();
        const lookAtOther = () =>
          parts.queue.enqueue({
            trigger: { project: other, cause: "manual", refresh: true, force: false },
            rollback: null,
          });
        lookAtOther();
        await board.look();
        while (
          parts.journal.memory(other).rollout.kind !== "idle" ||
          parts.journal.memory(other).rollout.good === null
        ) {
          await parts.clock.sleep(20);
        }
        const before = (await parts.engine.observe(other)).containers;
        await writeFile(join(directory, "compose.yaml"), `${compose}    imagine: 1\n`);
        await pushScript(board, "other", { version: "2", script: IDLE });
        await board.push("web", "2");
        lookAtOther();
        expect((await board.look()).rollout.kind).toBe("idle");
        expect(await board.answer("web")).toBe("2");
        await parts.queue.idle();
        const view = parts.reconciler.view(other);
        expect(view?.invalid?.code).toBe("E_COMPOSE");
        expect(view?.invalid?.message).toMatch(/compose\.yaml:5\b.*imagine|imagine.*compose\.yaml:5\b/s);
        expect((await parts.engine.observe(other)).containers).toEqual(before);
      } finally {
        await board.restart();
        const { stdout } = await board.docker(
          "ps",
          "-aq",
          "--filter",
          `label=com.docker.compose.project=${other}`,
        );
        await board.docker("rm", "-fv", ...stdout.split("\n").filter(Boolean));
        const docker = (...words: string[]) => board.docker(...words);
        await removeNetwork({ project: other, docker }, `${other}_default`);
        await rm(directory, { recursive: true });
      }
    },
  );
});
