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
