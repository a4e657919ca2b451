// A registry that takes the engine's question for a layer and then says nothing more, with the engine's own download in
// between: what the agent gives up must not keep the board from the image for good.
import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect } from "vitest";
import { type FaultyRegistry, startFaultyRegistry } from "../../lab/faulty-registry.ts";
import { type LeapingClock, leapingClock } from "../../lab/leaping-clock.ts";
import { expectUntouched, scenario } from "../failures/support.ts";
import type { World } from "../world.ts";
import { WEB } from "./support.ts";

const WAIT_MS = 120_000;
/** Before each leap, so that what is answered is answered. */
const PATIENCE_MS = 200;

/** Waits until the pull hangs, and then lets the agent's clock leap until it is given up. */
async function waitOut(clock: LeapingClock, hangs: () => boolean, given: () => boolean): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  while (!given()) {
    if (Date.now() > deadline) throw new Error(hangs() ? "it was never given up" : "it never hung");
    await delay(PATIENCE_MS);
    if (hangs() && !given()) clock.leap();
  }
}

function failures(board: World): readonly string[] {
  return board.events.flatMap((event) => (event.kind === "stepFailed" ? [event.message] : []));
}

/** The engine's first question for a layer; all others are answered. */
function hangOnce(proxy: FaultyRegistry, begin: (response: ServerResponse, layer: Buffer) => void) {
  const hung: ServerResponse[] = [];
  proxy.fault = async (asked, response, real) => {
    if (hung.length > 0 || asked.by !== "engine" || !asked.path.includes("/blobs/")) return;
    const { body } = await real();
    // The image's config is a blob too, and no layer.
    if (body.toString("utf8", 0, 1) === "{") return;
    hung.push(response);
    begin(response, body);
    await new Promise((resolve) => response.once("close", resolve));
  };
  return hung;
}

/** Version 1 runs; version 2 has a layer that the engine never had, for which the registry hangs. `then`: afterwards. */
function hangs(
  title: string,
  begin: (response: ServerResponse, layer: Buffer) => void,
  then: (hung: ServerResponse | undefined) => void,
): void {
  const clock = leapingClock();
  scenario(title, { compose: "services: {}", clock }, async (board) => {
    const proxy = await startFaultyRegistry(board.registry);
    try {
      await board.writeCompose(WEB.replaceAll("PROXY/", `${proxy.address}/${board.project}/`));
      await board.push("web", "1");
      await board.look();
      const old = await board.container("web");
      const version = `2 of ${board.project}`;
      await board.push("web", version);
      const hung = hangOnce(proxy, begin);
      const { queue } = await board.parts();
      const trigger = { project: board.project, cause: "manual", refresh: true, force: false } as const;
      queue.enqueue({ trigger, rollback: null });
      await waitOut(
        clock,
        () => hung.length > 0,
        () => failures(board).length > 0,
      );
      expect(failures(board)[0]).toContain("no progress for 300 s");
      await expectUntouched(board, "web", old);
      then(hung[0]);
      await board.settled();
      expect((await board.look({ force: true })).rollout.kind).toBe("idle");
      expect(await board.answer("web")).toBe(version);
    } finally {
      proxy.fault = null;
      await board.restart();
      await proxy.close();
    }
  });
}

describe("a registry that hangs", () => {
  hangs(
    "in the middle of a layer must be given up by the engine with the agent: the next pull begins anew",
    (response, layer) => {
      response.writeHead(200, { "content-length": layer.length }).write(layer.subarray(0, 40));
    },
    () => undefined,
  );

  hangs(
    "before it answers for a layer must keep nothing but that image waiting, and it only until the connection ends",
    () => undefined,
    (hung) => hung?.destroy(),
  );
});
