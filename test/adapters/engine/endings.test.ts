// When a stop or a removal is over: with its answer, or with its container, whichever is seen first.
import type { IncomingMessage, ServerResponse } from "node:http";
import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Clock } from "../../../src/ports/index.ts";
import { answer, type FakeEngine, failure, fakeEngine } from "./fake-engine.ts";

/** Time that passes with each pause, and no other: what is waited for besides ends when so much has passed. */
class PausingClock implements Clock {
  readonly #waits = new Set<{ readonly due: number; readonly end: () => void }>();
  #now = 0;

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  random(): number {
    return 0;
  }

  pass(ms: number): void {
    this.#now += ms;
    for (const { due, end } of [...this.#waits]) if (due <= this.#now) end();
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms <= LONGEST_PAUSE_MS) {
      await setImmediate(undefined, { signal });
      return this.pass(ms);
    }
    await new Promise<void>((resolve, reject) => {
      this.#waits.add({ due: this.#now + ms, end: resolve });
      signal?.addEventListener("abort", () => reject(signal.reason));
    });
  }
}

const LONGEST_PAUSE_MS = 10_000;

type Look = (response: ServerResponse, n: number) => void;

interface Silent {
  readonly fake: FakeEngine;
  readonly clock: PausingClock;
  readonly warnings: string[];
  /** Whether the call was given up. */
  readonly hungUp: () => boolean;
}

/** An engine that answers no change; `look` answers the n-th question for the container, from 1. */
async function neverAnswering(look: Look): Promise<Silent> {
  const clock = new PausingClock();
  const warnings: string[] = [];
  const nothing = (): void => undefined;
  const warn = (_: object, message: string): void => void warnings.push(message);
  let looks = 0;
  let hungUp = false;
  const handler = (request: IncomingMessage, response: ServerResponse): void => {
    if (request.method === "GET") look(response, ++looks);
    else
      response.once("close", () => {
        hungUp = true;
      });
  };
  const log = { debug: nothing, info: nothing, warn, error: nothing };
  const fake = await fakeEngine(handler, { clock, log });
  return { fake, clock, warnings, hungUp: () => hungUp };
}

const state =
  (Status: string): Look =>
  (response) =>
    answer(response, 200, { State: { Status } });

describe("a stop", () => {
  it("must round its grace period up to whole seconds, and ask nothing when it is answered", async () => {
    const fake = await fakeEngine((_, response) => void response.writeHead(304).end());
    await fake.engine.stopContainer("web", 1_001);
    await fake.engine.stopContainer("web", null);
    expect(fake.requests).toEqual([
      "GET /_ping",
      "POST /v1.41/containers/web/stop?t=2",
      "POST /v1.41/containers/web/stop",
    ]);
  });

  it("that is refused must say so at once", async () => {
    const fake = await fakeEngine((_, response) => answer(response, 500, { message: "its own words" }));
    expect(await failure(fake.engine.stopContainer("web", 900_000))).toMatchObject({
      code: "E_ENGINE_REFUSED",
    });
  });

  it.each([
    ["has ended", state("exited")],
    ["is gone", (response: ServerResponse) => answer(response, 404, { message: "no such container" })],
  ])("that is never answered must be over soon after its container %s", async (_, look) => {
    const running = state("running");
    const stopping = await neverAnswering((response, n) => (n < 3 ? running : look)(response, n));
    await stopping.fake.engine.stopContainer("web", 900_000);
    expect(stopping.clock.now()).toBeLessThan(10_000);
    expect(stopping.warnings).toEqual([expect.stringContaining("does not say so (stop container web)")]);
    await expect.poll(stopping.hungUp, { timeout: 60_000 }).toBe(true);
  });

  it.each([
    ["runs on", state("running")],
    ["is started again and again", state("restarting")],
    ["cannot be asked for", (response: ServerResponse) => void response.destroy()],
  ])("that is never answered must be given up when its container %s", async (_, look) => {
    const { fake, clock, warnings } = await neverAnswering(look);
    expect(await failure(fake.engine.stopContainer("web", 100_000))).toMatchObject({
      code: "E_ENGINE_UNAVAILABLE",
      retry: "backoff",
    });
    expect(clock.now()).toBeGreaterThanOrEqual(160_000);
    expect(clock.now()).toBeLessThan(160_000 + 2 * LONGEST_PAUSE_MS);
    expect(warnings).toEqual([]);
  });

  it("that is never answered must not be held up by a look that is not answered either", async () => {
    const exited = state("exited");
    const stopping = await neverAnswering((response, n) => {
      if (n > 1) exited(response, n);
      else stopping.clock.pass(60_000);
    });
    await stopping.fake.engine.stopContainer("web", 900_000);
    expect(stopping.clock.now()).toBeLessThan(70_000);
  });
});

describe("a removal", () => {
  it("that is never answered must be over soon after its container is gone", async () => {
    const { fake, clock, warnings, hungUp } = await neverAnswering((response, n) =>
      n < 3 ? state("removing")(response, n) : answer(response, 404, { message: "no such container" }),
    );
    await fake.engine.removeContainer("web");
    expect(clock.now()).toBeLessThan(10_000);
    expect(warnings).toEqual([expect.stringContaining("does not say so (remove container web)")]);
    await expect.poll(hungUp, { timeout: 60_000 }).toBe(true);
  });

  it("that is never answered must be given up when its container stays", async () => {
    const { fake, clock, warnings } = await neverAnswering(state("exited"));
    expect(await failure(fake.engine.removeContainer("web"))).toMatchObject({ code: "E_ENGINE_UNAVAILABLE" });
    expect(clock.now()).toBeGreaterThanOrEqual(300_000);
    expect(clock.now()).toBeLessThan(300_000 + 2 * LONGEST_PAUSE_MS);
    expect(warnings).toEqual([]);
  });
});
