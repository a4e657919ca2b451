import { describe, expect } from "vitest";
import type { Fault } from "../../lab/faulty-registry.ts";
import { appImage } from "../../lab/images.ts";
import { pushImage } from "../../lab/push.ts";
import { expectUntouched, lookDirectly, lookIdly, skipTime } from "../failures/support.ts";
import type { World } from "../world.ts";
import { faultScenario, TIMEOUT_MS } from "./support.ts";

const status =
  (code: number, headers: Readonly<Record<string, string>> = {}): Fault =>
  (_asked, response) => {
    response.writeHead(code, headers).end("{}");
  };

/** The ms until the next look that one asks for, and those that it took itself, as the board's clock has them. */
async function timed(board: World, refresh: boolean) {
  const { clock } = await board.parts();
  const begun = clock.monotonic();
  const again = (await lookDirectly(board, refresh)) ?? 0;
  return { again, tookMs: Math.ceil(clock.monotonic() - begun) };
}

const BIG = Buffer.alloc(5 * 1024 * 1024, " ");

/** What goes wrong, what the service is held for, and whether the pause grows with each failure. */
const FAULTS: Readonly<
  Record<string, { readonly fault: Fault; readonly reason: string; readonly firstMs: number }>
> = {
  "403": { fault: status(403), reason: "Unauthorized", firstMs: 5_000 },
  "404": { fault: status(404), reason: "ImageNotFound", firstMs: 5_000 },
  "429 without Retry-After": { fault: status(429), reason: "RateLimited", firstMs: 60_000 },
  "500": { fault: status(500), reason: "RegistryUnavailable", firstMs: 5_000 },
  "a body that is cut short": {
    reason: "RegistryUnavailable",
    firstMs: 5_000,
    fault: async (asked, response, real) => {
      if (asked.method !== "GET") return;
      const answer = await real();
      response.writeHead(200, answer.headers);
      response.write(answer.body.subarray(0, 100), () => response.destroy());
    },
  },
  "a body that is too large": {
    reason: "RegistryUnavailable",
    firstMs: 5_000,
    fault: async (asked, response, real) => {
      if (asked.method !== "GET") return;
      const { "content-length": _, ...headers } = (await real()).headers;
      response.writeHead(200, headers).end(BIG);
    },
  },
  "a digest that does not match": {
    reason: "RegistryUnavailable",
    firstMs: 5_000,
    fault: async (asked, response, real) => {
      if (asked.method !== "GET") return;
      const answer = await real();
      response.writeHead(200, answer.headers).end(Buffer.from(answer.body).fill("x", 20, 21));
    },
  },
  "a redirect loop": {
    reason: "RegistryUnavailable",
    firstMs: 5_000,
    fault: (asked, response) => {
      response.writeHead(307, { location: asked.path }).end();
    },
  },
  "an answer that does not come in time": {
    reason: "RegistryUnavailable",
    firstMs: 5_000,
    fault: () => new Promise((resolve) => setTimeout(resolve, 4 * TIMEOUT_MS)),
  },
};

describe("a registry that fails", () => {
  for (const [name, { fault, reason, firstMs }] of Object.entries(FAULTS)) {
    faultScenario(
      `with ${name} must hold the service as ${reason}, untouched, be asked again after growing pauses, and be followed when it recovers`,
      async ({ board, proxy, old }) => {
        proxy.fault = fault;
        let longest = 0;
        for (const [n, pause] of [firstMs, 2 * firstMs, 4 * firstMs].entries()) {
          const before = proxy.asked.length;
          // The first look is the schedule's, the others are the retries that it asked for.
          const { again, tookMs } = await timed(board, n === 0);
          expect(proxy.asked.length).toBeGreaterThan(before);
          expect(board.held()).toEqual({ web: reason });
          // It began somewhere in the look, and has gone on since.
          expect(again + tookMs).toBeGreaterThanOrEqual(pause);
          expect(again).toBeLessThanOrEqual(1.2 * pause);
          const asked = proxy.asked.length;
          await lookDirectly(board, true);
          expect(proxy.asked.length).toBe(asked);
          expect(board.held()).toEqual({ web: reason });
          await skipTime(board, again);
          longest = again;
        }
        await expectUntouched(board, "web", old);
        expect((await board.container("web")).startedAt).toBe(old.startedAt);
        proxy.fault = null;
        await skipTime(board, longest);
        expect((await board.look({ refresh: false })).rollout.kind).toBe("idle");
        expect(await board.answer("web")).toBe("2");
        expect(board.held()).toEqual({});
      },
    );
  }

  faultScenario(
    "with 429 must be left alone for as long as Retry-After says",
    async ({ board, proxy, old }) => {
      proxy.fault = status(429, { "retry-after": "120" });
      const { again, tookMs } = await timed(board, true);
      expect(again + tookMs).toBeGreaterThanOrEqual(120_000);
      expect(again).toBeLessThanOrEqual(120_000);
      expect(board.held()).toEqual({ web: "RateLimited" });
      const asked = proxy.asked.length;
      await skipTime(board, 100_000);
      await lookIdly(board);
      await board.look({ force: true });
      expect(proxy.asked.length).toBe(asked);
      await expectUntouched(board, "web", old);
      proxy.fault = null;
      await skipTime(board, 21_000);
      expect((await board.look()).rollout.kind).toBe("idle");
      expect(await board.answer("web")).toBe("2");
    },
  );

  faultScenario(
    "that gives hardly any more must keep the rest for people, and be followed by apply",
    async ({ board, proxy, old }) => {
      proxy.fault = async (_asked, response, real) => {
        const { status: code, headers, body } = await real();
        const left = { "ratelimit-limit": "100;w=21600", "ratelimit-remaining": "9;w=21600" };
        response.writeHead(code, { ...headers, ...left }).end(body);
      };
      const { again, tookMs } = await timed(board, true);
      expect(board.held()).toEqual({ web: "RateLimited" });
      expect(again + tookMs).toBeGreaterThanOrEqual(30 * 60_000);
      expect(again).toBeLessThanOrEqual(30 * 60_000);
      expect(proxy.asked.map(({ method }) => method)).toEqual(["HEAD"]);
      const { registry } = await board.parts();
      expect(registry.limits()).toMatchObject([{ host: proxy.address, limit: 100, remaining: 9 }]);
      await expectUntouched(board, "web", old);
      expect((await board.look({ force: true })).rollout.kind).toBe("idle");
      expect(await board.answer("web")).toBe("2");
    },
  );

  faultScenario(
    "that is down must be held, and be followed when it is back",
    async ({ board, proxy, old }) => {
      await proxy.close();
      const { again, tookMs } = await timed(board, true);
      expect(again + tookMs).toBeGreaterThanOrEqual(5_000);
      expect(board.held()).toEqual({ web: "RegistryUnavailable" });
      await expectUntouched(board, "web", old);
      await proxy.open();
      await skipTime(board, 7_000);
      expect((await board.look({ refresh: false })).rollout.kind).toBe("idle");
      expect(await board.answer("web")).toBe("2");
    },
  );

  faultScenario("with 401 must not be shown the same credentials again", async ({ board, proxy, old }) => {
    proxy.fault = status(401, { "www-authenticate": 'Basic realm="test"' });
    await lookDirectly(board, true);
    expect(board.held()).toEqual({ web: "Unauthorized" });
    await skipTime(board, 3_600_000);
    await lookDirectly(board, true);
    expect(proxy.asked.filter((one) => one.authorized)).toEqual([]);
    await expectUntouched(board, "web", old);
  });
});

describe("a registry that dies in the middle of the engine's pull", () => {
  faultScenario(
    "must leave the container untouched and be tried again later",
    async ({ board, proxy, old }) => {
      // Of its own, so that no other scenario has brought the engine its layers.
      const spec = await appImage({ arch: "amd64", version: board.project, behaviour: "serve" });
      const { configDigest } = await pushImage(board.target("web"), "latest", spec);
      proxy.fault = async (asked, response, real) => {
        // Not a layer: those the engine itself tries again for most of a minute.
        if (asked.by !== "engine" || !asked.path.endsWith(configDigest)) return;
        const answer = await real();
        response.writeHead(200, answer.headers);
        response.write(answer.body.subarray(0, 10), () => response.destroy());
      };
      const memory = await board.look();
      expect(memory.rollout).toMatchObject({ kind: "stalled" });
      expect(memory.quarantine).toEqual([]);
      expect(proxy.asked.some((one) => one.by === "engine" && one.path.endsWith(configDigest))).toBe(true);
      await expectUntouched(board, "web", old);
      expect((await board.container("web")).startedAt).toBe(old.startedAt);
      await lookIdly(board);
      proxy.fault = null;
      await skipTime(board, 31_000);
      expect((await board.look()).rollout.kind).toBe("idle");
      expect(await board.answer("web")).toBe(board.project);
    },
  );
});
