import { mkdir } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { freePort } from "../../lab/registry.ts";
import { eventually } from "../daemon/process.ts";
import {
  answerOn,
  expectUntouched,
  lookIdly,
  pushScript,
  resumeByHand,
  scenario,
  skipTime,
} from "./support.ts";

const WEB = `
services:
  web:
    image: REG/web
    restart: unless-stopped
`;

const LONG_MS = 120_000;

describe("a replacement that cannot start", () => {
  scenario(
    "a port that somebody else has must bring the old container back, and the file's change must be refused until somebody acts",
    { compose: WEB },
    async (board) => {
      await board.push("web", "1");
      await board.look();
      const old = await board.container("web");
      const foreign = createServer();
      const port = await freePort();
      await new Promise<void>((resolve) => foreign.listen(port, "127.0.0.1", resolve));
      await board.writeCompose(`${WEB}    ports: ["127.0.0.1:${port}:8080"]\n`);
      const memory = await board.look();
      expect(memory.rollout).toMatchObject({ kind: "stalled", rolledBack: true });
      expect(memory.rollout).toMatchObject({ reason: expect.stringContaining("address already in use") });
      await expectUntouched(board, "web", old);
      expect(await board.answer("web")).toBe("1");
      await lookIdly(board);
      expect(board.held()).toEqual({ web: "Quarantined" });

      await new Promise((resolve) => foreign.close(resolve));
      expect((await resumeByHand(board)).rollout.kind).toBe("idle");
      expect(await answerOn(port)).toBe("1");
    },
  );

  scenario(
    "a first version that ends over and over must be followed by the next one that works",
    { compose: WEB },
    async (board) => {
      await pushScript(board, "web", { version: "1", script: "exit 1" });
      expect((await board.look()).rollout).toMatchObject({ kind: "stalled" });
      const restarts = async () => (await board.container("web")).restartCount;
      // From then on it is down for seconds and up for moments.
      await eventually(restarts, (count) => count > 5, LONG_MS);
      await board.push("web", "2");
      const succeeded = async () => {
        await skipTime(board, 3_600_000);
        const { rollout } = await board.look();
        return rollout.kind === "idle" && (await board.containers()).length === 1;
      };
      // A look may find it in one of its moments, after which the engine refuses the swap; the next one finds it down, and
      // clears away what the other one left.
      await eventually(succeeded, (done) => done, LONG_MS);
      expect(await board.answer("web")).toBe("2");
    },
  );

  scenario(
    "a port that somebody else took in the moment of the swap must bring the old container back, and be no fault of the image",
    { compose: WEB },
    async (board) => {
      const port = await freePort();
      await board.writeCompose(`${WEB}    ports: ["127.0.0.1:${port}:8080"]\n`);
      await board.push("web", "1");
      await board.look();
      const old = await board.container("web");
      const { engine } = (await board.parts()).deps;
      const start = engine.startContainer.bind(engine);
      Object.assign(engine, {
        startContainer: async (id: string) => {
          const foreign = createServer();
          if (id !== old.id) await new Promise<void>((done) => foreign.listen(port, "127.0.0.1", done));
          await start(id).finally(() => foreign.close());
        },
      });
      await board.push("web", "2");
      const memory = await board.look();
      expect(memory.rollout).toMatchObject({ kind: "stalled", rolledBack: true });
      expect(memory.rollout).toMatchObject({ reason: expect.stringContaining("address already in use") });
      expect(memory.quarantine).toEqual([]);
      await expectUntouched(board, "web", old);
      await board.look();
      await expectUntouched(board, "web", old);
      Object.assign(engine, { startContainer: start });
      await skipTime(board, 3_600_000);
      expect((await board.look()).rollout.kind).toBe("idle");
      expect(await board.answer("web")).toBe("2");
    },
  );

  scenario(
    "a bind mount whose source is missing must be found before anything is touched, and be tried again with growing pauses",
    { compose: WEB },
    async (board) => {
      await board.push("web", "1");
      await board.look();
      const old = await board.container("web");
      await board.writeCompose(
        `${WEB}    volumes: [{type: bind, source: ./data, target: /data, bind: {create_host_path: false}}]\n`,
      );
      const memory = await board.look();
      expect(memory.rollout).toMatchObject({ kind: "stalled", rolledBack: false });
      expect(memory.quarantine).toEqual([]);
      await expectUntouched(board, "web", old);
      expect((await board.container("web")).startedAt).toBe(old.startedAt);
      await lookIdly(board);
      await skipTime(board, 31_000);
      await board.look();
      await skipTime(board, 31_000);
      await lookIdly(board);

      await mkdir(join(board.directory, "data"));
      await skipTime(board, 31_000);
      expect((await board.look()).rollout.kind).toBe("idle");
      expect((await board.container("web")).mounts).toMatchObject([{ destination: "/data" }]);
    },
  );

  scenario(
    "an external network that does not exist must hold the service, untouched, until it is there",
    { compose: WEB },
    async (board) => {
      await board.push("web", "1");
      await board.look();
      const old = await board.container("web");
      const network = `${board.project}-outside`;
      const compose = `${WEB}    networks: [default, outside]\nnetworks: {outside: {external: true, name: ${network}}}\n`;
      await board.writeCompose(compose);
      await lookIdly(board);
      expect(board.held()).toEqual({ web: "ComposeInvalid" });
      await expectUntouched(board, "web", old);
      await board.docker(
        "network",
        "create",
        "--label",
        `com.docker.compose.project=${board.project}`,
        network,
      );
      expect((await board.look()).rollout.kind).toBe("idle");
      expect((await board.container("web")).id).not.toBe(old.id);
    },
  );

  scenario(
    "an external network that vanishes between create and start must bring the old container back",
    { compose: WEB },
    async (board) => {
      await board.push("web", "1");
      await board.look();
      const old = await board.container("web");
      const network = `${board.project}-outside`;
      await board.docker("network", "create", network);
      const { engine } = (await board.parts()).deps;
      const start = engine.startContainer.bind(engine);
      Object.assign(engine, {
        startContainer: async (id: string) => {
          if (id !== old.id) await board.docker("network", "rm", network);
          await start(id);
        },
      });
      await board.writeCompose(
        `${WEB}    networks: [default, outside]\nnetworks: {outside: {external: true, name: ${network}}}\n`,
      );
      const memory = await board.look();
      expect(memory.rollout).toMatchObject({ kind: "stalled", rolledBack: true });
      await expectUntouched(board, "web", old);
      expect(await board.answer("web")).toBe("1");
    },
  );

  scenario(
    "a device that does not exist must bring the old container back",
    { compose: WEB },
    async (board) => {
      await board.push("web", "1");
      await board.look();
      const old = await board.container("web");
      await board.writeCompose(`${WEB}    devices: ["/dev/boardhand-nowhere:/dev/x"]\n`);
      const memory = await board.look();
      expect(memory.rollout).toMatchObject({ kind: "stalled", rolledBack: true });
      expect(memory.rollout).toMatchObject({ reason: expect.stringContaining("boardhand-nowhere") });
      await expectUntouched(board, "web", old);
      expect(await board.answer("web")).toBe("1");
    },
  );
});
