import { describe, expect } from "vitest";
import { freePort } from "../../lab/registry.ts";
import { FAILING_PROBE, PROBE } from "../probes.ts";
import { answerOn, countRunning, expectUntouched, scenario } from "./support.ts";

describe("the order of a swap, by the engine's own events", () => {
  const startFirst =
    "services: {web: {image: REG/web, restart: unless-stopped, deploy: {update_config: {order: start-first}}}}";

  scenario(
    "start-first must have both up for a moment and never none",
    { compose: startFirst },
    async (board) => {
      await board.push("web", "1");
      await board.look();
      const old = await board.container("web");
      await board.push("web", "2");
      const running = await countRunning(board, "web", 1);
      expect((await board.look()).rollout.kind).toBe("idle");
      expect(await running.stop(2)).toEqual([2, 1]);
      expect((await board.container("web")).id).not.toBe(old.id);
      expect(await board.answer("web")).toBe("2");
    },
  );

  scenario(
    "a start-first replacement that never gets healthy must go without the old container ever stopping",
    { compose: startFirst },
    async (board) => {
      await board.push("web", "1", "serve", { healthcheck: PROBE });
      await board.look();
      const old = await board.container("web");
      await board.push("web", "bad", "serve", { healthcheck: FAILING_PROBE });
      const running = await countRunning(board, "web", 1);
      expect((await board.look()).rollout).toMatchObject({ kind: "stalled", rolledBack: true });
      expect(await running.stop(2)).toEqual([2, 1]);
      await expectUntouched(board, "web", old);
      expect((await board.container("web")).startedAt).toBe(old.startedAt);
    },
  );

  scenario(
    "a service with a host port must never have two up, whatever order is asked for",
    { compose: "services: {}" },
    async (board) => {
      const port = await freePort();
      await board.writeCompose(startFirst.replace("deploy:", `ports: ["127.0.0.1:${port}:8080"], deploy:`));
      await board.push("web", "1");
      await board.look();
      await board.push("web", "2");
      const running = await countRunning(board, "web", 1);
      expect((await board.look()).rollout.kind).toBe("idle");
      expect(await running.stop(2)).toEqual([0, 1]);
      expect(await answerOn(port)).toBe("2");
    },
  );
});
