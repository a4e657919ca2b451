import { describe, expect, it } from "vitest";
import { BoardhandError } from "../../../src/core/model/index.ts";
import { bench } from "./support.ts";

const APP = "reg.local/team/app:1";

describe("a look that need not ask", () => {
  for (const code of ["E_REGISTRY_UNAVAILABLE", "E_REGISTRY_AUTH"] as const) {
    it(`must not take an old answer for today's after ${code}, and must ask when the pause is over`, async () => {
      const { round, registry, clock } = bench();
      registry.image(APP, "linux/arm/v7");
      await round([APP]);
      registry.failure = new BoardhandError(code, "it fails", { retry: "backoff" });
      const [first] = await round([APP]);
      const wait = first?.kind === "held" ? (first.retryAfterMs ?? 0) : 0;
      expect((await round([APP], { refresh: false }))[0]?.kind).toBe("held");
      expect(registry.asked).toEqual([]);
      clock.advance(wait);
      registry.failure = null;
      const moved = registry.image(APP, "linux/arm/v7", "moved");
      const [later] = await round([APP], { refresh: false });
      expect(later).toMatchObject({ kind: "pinned", image: { platformDigest: moved } });
      await round([APP], { refresh: false });
      expect(registry.asked).toEqual([]);
    });
  }
});

describe("a registry that answers HEAD and fails GET", () => {
  it("must be left alone for longer each time, and count as well again after a round without a failure", async () => {
    const { round, registry, clock } = bench();
    registry.image(APP, "linux/arm/v7");
    const manifest = registry.manifest.bind(registry);
    const limited = new BoardhandError("E_REGISTRY_RATE_LIMITED", "too many", { retry: "backoff" });
    const fail = async () => {
      throw limited;
    };
    const pause = async () => {
      const [answer] = await round([APP]);
      const wait = answer?.kind === "held" ? (answer.retryAfterMs ?? 0) : 0;
      clock.advance(wait);
      return wait;
    };
    Object.assign(registry, { manifest: fail });
    expect([await pause(), await pause(), await pause()]).toEqual([60_000, 120_000, 240_000]);
    Object.assign(registry, { manifest });
    expect(await pause()).toBe(0);
    registry.image(APP, "linux/arm/v7", "moved");
    Object.assign(registry, { manifest: fail });
    expect(await pause()).toBe(60_000);
  });
});
