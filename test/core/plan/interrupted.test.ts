import { describe, expect, it } from "vitest";
import type { Rollout } from "../../../src/core/model/index.ts";
import { plan } from "../../../src/core/plan/index.ts";
import { container, input, retired, service } from "../../support/builders.ts";

const web = service("web");
const running = container(web, "1");

/** `kind name` of each step: for tests where the order is what matters. */
function kinds(...args: Parameters<typeof input>): readonly string[] {
  return plan(input(...args)).steps.map((step) => `${step.service} ${step.kind}`);
}

describe("a rollout that was interrupted", () => {
  const progressing: Rollout = { kind: "progressing", good: "a", to: "b", moved: ["web"], jobs: [] };
  const next = container(web, "2", { name: "p-web-1.next", state: "created", startedAt: null });
  const placed = { ...next, name: "p-web-1" };
  const waiting = { ...retired(running), state: "running" as const, restartPolicy: "unless-stopped" };

  it("after creating must go on with the replacement that is there", () => {
    expect(kinds([web], { web: "2" }, [running, next], { rollout: progressing })).toEqual([
      "web renameContainer",
      "web renameContainer",
      "web setRestartPolicy",
      "web stopContainer",
      "web startContainer",
      "web awaitHealthy",
    ]);
  });

  it("between the renames must give the replacement its name", () => {
    expect(kinds([web], { web: "2" }, [waiting, next], { rollout: progressing })).toEqual([
      "web renameContainer",
      "web setRestartPolicy",
      "web stopContainer",
      "web startContainer",
      "web awaitHealthy",
    ]);
  });

  it("after the stop must start the new one at once", () => {
    expect(kinds([web], { web: "2" }, [retired(running), placed], { rollout: progressing })).toEqual([
      "web startContainer",
      "web awaitHealthy",
    ]);
  });

  it("after the start must only wait for the gate", () => {
    const started = { ...placed, state: "running" as const, health: "starting" as const };
    expect(kinds([web], { web: "2" }, [retired(running), started], { rollout: progressing })).toEqual([
      "web awaitHealthy",
    ]);
  });

  it("must not keep a replacement that was made for something else", () => {
    const stale = container(web, "0", { name: "p-web-1.next", state: "created" });
    expect(kinds([web], { web: "1" }, [running, stale])).toEqual(["web removeContainer"]);
  });

  it("must be undone when its image is held and the new container is not sound", () => {
    const held = { kind: "held", reason: "RegistryUnavailable", message: "no answer" } as const;
    const made = kinds([service("web", { definitionHash: "v1:else" })], { web: held }, [
      retired(running),
      placed,
    ]);
    expect(made).toEqual([
      "web removeContainer",
      "web renameContainer",
      "web startContainer",
      "web setRestartPolicy",
      "web tagImage",
      "web awaitHealthy",
    ]);
  });

  it("must keep the retired container while the window is open, and remove it afterwards", () => {
    const fresh = container(web, "2");
    const monitoring: Rollout = { ...progressing, kind: "monitoring", until: 9 };
    expect(kinds([web], { web: "2" }, [fresh, retired(running)], { rollout: monitoring })).toEqual([]);
    expect(kinds([web], { web: "2" }, [fresh, retired(running)])).toEqual(["web removeContainer"]);
  });

  it("must not remove the retired container of a successor that is ill", () => {
    const ill = container(web, "2", { health: "unhealthy" });
    expect(kinds([web], { web: "2" }, [ill, retired(running)])).toEqual([]);
  });
});
