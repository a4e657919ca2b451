import { describe, expect, it } from "vitest";
import type { ImageDecision, ObservedContainer, Rollout } from "../../../src/core/model/index.ts";
import { isSound, plan } from "../../../src/core/plan/index.ts";
import { container, input, pinned, retired, service } from "../../support/builders.ts";
import { detailed, detailedSwap } from "./detailed.ts";

type Parts = Parameters<typeof input>[3];
const web = service("web");
const running = container(web, "1");
const stopped = container(web, "1", { state: "exited", exitCode: 137 });
const HELD: ImageDecision = { kind: "held", reason: "RateLimited", message: "later" };
const progressing: Rollout = { kind: "progressing", good: "a", to: "b", moved: ["web"], jobs: [] };

const shown = (
  of: typeof web,
  version: string | ImageDecision,
  there: readonly ObservedContainer[],
  parts: Parts = {},
) => detailed(plan(input([of], { web: version }, there, parts)));
/** The hold of `web` in words, or the kinds of steps. */
function outcome(
  version: string | ImageDecision,
  there: readonly ObservedContainer[],
  parts: Parts = {},
  of = web,
) {
  const { held, steps } = plan(input([of], { web: version }, there, parts));
  const [hold] = held;
  if (steps.length > 0) return steps.map((step) => step.kind).join(" ");
  return hold === undefined ? "kept" : `${hold.reason}: ${hold.message}`;
}
/** The cause of the step of this kind. */
const cause = (kind: string, ...args: Parameters<typeof outcome>) => {
  const [version, there, parts, of = web] = args;
  return plan(input([of], { web: version }, there, parts)).steps.find((step) => step.kind === kind)?.cause;
};

describe("a wanted container in its place", () => {
  const STAY = "StoppedByHand: stopped (exit code 137); apply or resume starts it again";

  it("must be kept while it runs, restarts or is being removed", () => {
    for (const state of ["running", "restarting", "removing"] as const) {
      expect(outcome("1", [{ ...running, state }])).toBe("kept");
      expect(outcome("1", [{ ...running, state }], { rollout: progressing })).toBe("awaitHealthy");
    }
  });

  it("must stay stopped where a person stopped it, and the words must say how to go on", () => {
    expect(outcome("1", [stopped])).toBe(STAY);
    expect(outcome("1", [{ ...stopped, state: "dead" }])).toBe(STAY);
    expect(outcome("1", [stopped], { seen: { web: "r1" } })).toBe(STAY);
    expect(outcome("1", [{ ...running, state: "paused" }])).toBe("StoppedByHand: paused by hand");
  });

  it("must be started where that is wanted, and the cause must say why", () => {
    const started = (there: ObservedContainer, parts: Parts = {}) =>
      cause("startContainer", "1", [there], parts);
    expect(started(stopped, { force: true })).toBe("asked for by a person");
    expect(started(stopped, { drift: "restore" })).toBe("drift: restore");
    expect(started(stopped, { seen: { web: "r0" } })).toBe("new revision of the compose file");
    expect(started({ ...stopped, startedAt: null })).toBe("new revision of the compose file");
    expect(started({ ...running, state: "created", startedAt: null })).toBe("created but never started");
    const rollout: Rollout = { kind: "stalled", good: null, failed: "r", reason: "x", rolledBack: false };
    expect(started(stopped, { rollout })).toBe("its first start failed");
  });

  it("must be proved where it stopped in the middle of its rollout, and not where it did what it was for", () => {
    expect(outcome("1", [stopped], { rollout: progressing })).toBe("awaitHealthy");
    const job = service("web", { restart: "no" });
    const ended = container(job, "1", { state: "exited", exitCode: 0 });
    expect(outcome("1", [ended], { rollout: progressing }, job)).toBe("kept");
  });
});

describe("a container that was made for something else", () => {
  const LATER = "StoppedByHand: stopped (exit code 137); a new image waits until apply or resume";

  it("must stay stopped where a person stopped it and only its image moved", () => {
    expect(outcome("2", [stopped])).toBe(LATER);
    expect(outcome("2", [{ ...stopped, state: "dead" }])).toBe(LATER);
    expect(outcome("2", [{ ...stopped, state: "paused" }])).toBe(LATER);
  });

  it("must run again as it is where that is wanted and its image is refused", () => {
    const entry = { service: "web", platformDigest: pinned("web", "2").platformDigest, definitionHash: null };
    const quarantine = [{ ...entry, culprit: entry, reason: "it exited", since: 0 }];
    const HOLD = "Quarantined: failed here before: it exited";
    const again = (parts: Parts, there = stopped, of = web) =>
      outcome("2", [there], { quarantine, ...parts }, of);
    expect(cause("startContainer", "2", [stopped], { quarantine, force: true })).toBe(
      "wanted again, on the image it has",
    );
    for (const parts of [{ force: true }, { drift: "restore" }, { seen: { web: "r0" } }] as const) {
      expect(again(parts)).toBe("startContainer awaitHealthy");
      expect(again(parts, { ...stopped, state: "dead" })).toBe("startContainer awaitHealthy");
      expect(again(parts, running)).toBe(HOLD);
      expect(again({ ...parts, rollout: progressing })).toBe(HOLD);
      expect(again(parts, stopped, service("web", { definitionHash: "v1:x" }))).toBe(HOLD);
    }
    expect(again({})).toBe(HOLD);
  });

  it("must be replaced where it stopped for another reason, or a person or the file wants it", () => {
    const replaced = (there: readonly ObservedContainer[], parts: Parts = {}, of = web) =>
      plan(input([of], { web: "2" }, there, parts)).moved.length > 0;
    expect(replaced([{ ...stopped, startedAt: null }])).toBe(true);
    expect(replaced([stopped, retired(container(web, "0"))])).toBe(true);
    expect(replaced([stopped], { force: true })).toBe(true);
    expect(replaced([stopped], { drift: "restore" })).toBe(true);
    expect(replaced([stopped], { seen: { web: "r0" } })).toBe(true);
    expect(replaced([stopped], { rollout: progressing })).toBe(true);
    expect(replaced([stopped], {}, service("web", { definitionHash: "v1:x" }))).toBe(true);
    const job = service("web", { restart: "no" });
    expect(replaced([container(job, "1", { state: "exited", exitCode: 0 })], {}, job)).toBe(true);
  });

  it("must be replaced with the cause that counts most", () => {
    const other = service("web", { definitionHash: "v1:x" });
    expect(cause("createContainer", "2", [running], {}, other)).toBe("definition changed");
    const theirs = { ...running, platformDigest: null, repoDigests: [] };
    expect(shown(web, "2", [theirs])).toContain("image moved from <config web 1> to <web 2>");
    const guest = service("web", { sharesWith: ["vpn"] });
    const vpn = service("vpn");
    const { steps } = plan(
      input([guest, vpn], { web: "1", vpn: "1" }, [container(guest, "1"), container(vpn, "1")]),
    );
    expect(steps[0]?.cause).toBe("shares a namespace with a service that is replaced");
    expect(cause("createContainer", "1", [])).toBe("no container yet");
  });

  it("must only be shown what is offered under update: off and notify", () => {
    const hex = pinned("web", "2").platformDigest.slice(7, 19);
    expect(outcome("2", [running], {}, service("web", { update: "off" }))).toBe(
      `UpdateOff: update: off; ${hex} is offered`,
    );
    expect(outcome("2", [running], {}, service("web", { update: "notify" }))).toBe(
      `UpdateOff: update: notify; ${hex} is available, apply installs it`,
    );
  });

  it("must be replaced on the image it runs where the definition changed and the tag is not followed", () => {
    const notify = service("web", { update: "notify", definitionHash: "v1:x" });
    expect(shown(notify, "2", [running])).toContain("image=reg:5000/web:latest at <config web 1> inherit");
    expect(shown(notify, "2", [running], { force: true })).toContain("at reg:5000/web@<web 2> pinned");
  });
});

describe("a service without a container", () => {
  const GONE = "RemovedByHand: its container was removed by hand; apply or resume makes it again";

  it("must stay away where a person removed it under this file", () => {
    expect(outcome("1", [], { seen: { web: "r1" } })).toBe(GONE);
  });

  it("must be made otherwise", () => {
    for (const parts of [{}, { seen: { web: "r0" } }, { seen: { web: "r1" }, force: true }]) {
      expect(outcome("1", [], parts)).toContain("createContainer");
    }
    const stale = container(web, "0", { name: "p-web-1.next", state: "created" });
    expect(outcome("1", [stale], { seen: { web: "r1" } })).toContain("removeContainer pullImage");
  });
});

describe("a replacement that was cut off", () => {
  const left = retired(running);

  it("before it was made must be made anew, from the retired one", () => {
    expect(detailedSwap(plan(input([web], { web: "2" }, [left])))).toMatchInlineSnapshot(`
      "4 web createContainer number=1 name=p-web-1.next finalName=p-web-1 image=reg:5000/web:latest at reg:5000/web@<web 2> pinned inherit=<web-1 1> networks=[] shares={} <- 3 : replacement was never made
      5 web renameContainer ref=#4 from=p-web-1.next to=p-web-1 <- 4 : take the name
      6 web startContainer ref=#4 name=p-web-1 <- 5 : new revision
      7 web awaitHealthy ref=#4 name=p-web-1 timeoutMs=300000 settleMs=0 mayComplete=false <- 6 : health gate
      p moves web"
    `);
  });

  it("before it was made must be undone where it cannot be made", () => {
    expect(shown(service("web", { definitionHash: "v1:x" }), HELD, [left])).toMatchInlineSnapshot(`
      "1 web renameContainer ref=<web-1 1> from=p-web-1.retired-<web-1 1> to=p-web-1 : back to what worked: replacement was never made
      2 web startContainer ref=<web-1 1> name=p-web-1 : back to what worked: replacement was never made
      3 web setRestartPolicy ref=<web-1 1> name=p-web-1 policy=unless-stopped : back to what worked: replacement was never made
      4? web tagImage image=<config web 1> reference=reg:5000/web:latest : the tag means what runs here
      5? web awaitHealthy ref=<web-1 1> name=p-web-1 timeoutMs=300000 settleMs=0 mayComplete=false : the old one should be well again
      p moves "
    `);
    const entry = { service: "web", platformDigest: pinned("web", "2").platformDigest, definitionHash: null };
    const quarantine = [{ ...entry, culprit: entry, reason: "it exited", since: 0 }];
    expect(cause("startContainer", "2", [left], { quarantine })).toBe(
      "back to what worked: replacement was never made",
    );
  });

  it("must get the policy of the file where the retired one has no label of it", () => {
    const theirs = { ...left, labels: {} };
    expect(shown(service("web", { restart: "always" }), HELD, [theirs])).toContain("policy=always : back to");
  });

  it("must not go back to a retired one that fits while its image is held", () => {
    expect(cause("startContainer", HELD, [left])).toBe("back to what worked: replacement was never made");
  });

  it("must be undone where something newer is held and the one in place is ill", () => {
    const other = service("web", { definitionHash: "v1:x" });
    const ill = container(web, "2", { health: "unhealthy", stopGraceMs: 3000 });
    const next = container(web, "3", { name: "p-web-1.next", state: "created" });
    expect(shown(other, HELD, [ill, left, next])).toMatchInlineSnapshot(`
      "1 web removeContainer ref=<web-1 3> name=p-web-1.next : left over from a rollout that did not take place
      2 web stopContainer ref=<web-1 2> name=p-web-1 graceMs=3000 : half-done and held
      3 web removeContainer ref=<web-1 2> name=p-web-1 : half-done and held
      4 web renameContainer ref=<web-1 1> from=p-web-1.retired-<web-1 1> to=p-web-1 : back to what worked: half-done and held
      5 web startContainer ref=<web-1 1> name=p-web-1 : back to what worked: half-done and held
      6 web setRestartPolicy ref=<web-1 1> name=p-web-1 policy=unless-stopped : back to what worked: half-done and held
      7? web tagImage image=<config web 1> reference=reg:5000/web:latest : the tag means what runs here
      8? web awaitHealthy ref=<web-1 1> name=p-web-1 timeoutMs=300000 settleMs=0 mayComplete=false : the old one should be well again
      p moves "
    `);
    expect(outcome(HELD, [ill], {}, other)).toBe("RateLimited: later");
    expect(outcome(HELD, [container(web, "2"), left], {}, other)).toBe("removeContainer");
    expect(
      outcome("2", [{ ...ill, definitionHash: "v1:y" }, retired(container(web, "0"))], {}, other),
    ).toContain("createContainer");
  });

  it("must be finished with the container that fits, and stop the retired one that still runs", () => {
    const next = container(web, "2", { name: "p-web-1.next", state: "created", startedAt: null });
    const quiet = { ...retired(container(web, "0")), startedAt: 9000 };
    const up: ObservedContainer = { ...left, state: "running", restartPolicy: "always" };
    expect(shown(web, "2", [next, quiet, up])).toMatchInlineSnapshot(`
      "1 web renameContainer ref=<web-1 2> from=p-web-1.next to=p-web-1 : take the name
      2 web setRestartPolicy ref=<web-1 1> name=p-web-1.retired-<web-1 1> policy=no <- 1 : a retired container must not come back by itself
      3 web stopContainer ref=<web-1 1> name=p-web-1.retired-<web-1 1> graceMs=null <- 1 2 : replaced by p-web-1
      4 web startContainer ref=<web-1 2> name=p-web-1 <- 1 3 : replacement is ready
      5 web awaitHealthy ref=<web-1 2> name=p-web-1 timeoutMs=300000 settleMs=0 mayComplete=false <- 4 : health gate
      note p-web-1 has 2 retired containers
      p moves web"
    `);
    expect(shown(web, "2", [next, quiet])).toMatchInlineSnapshot(`
      "1 web renameContainer ref=<web-1 2> from=p-web-1.next to=p-web-1 : take the name
      2 web startContainer ref=<web-1 2> name=p-web-1 <- 1 : replacement is ready
      3 web awaitHealthy ref=<web-1 2> name=p-web-1 timeoutMs=300000 settleMs=0 mayComplete=false <- 2 : health gate
      p moves web"
    `);
    const back = container(web, "1", { id: up.id, name: up.name, startedAt: 9999 });
    expect(detailed(plan(input([web], { web: "1" }, [back])))).toMatchInlineSnapshot(`
      "1 web renameContainer ref=<web-1 1> from=p-web-1.retired-<web-1 1> to=p-web-1 : take the name
      2 web awaitHealthy ref=<web-1 1> name=p-web-1 timeoutMs=300000 settleMs=0 mayComplete=false <- 1 : health gate
      p moves web"
    `);
  });
});

describe("a sound container", () => {
  it("must run and not be known to be ill, or have done what it was for", () => {
    expect(isSound(running)).toBe(true);
    expect(isSound({ ...running, health: "starting" })).toBe(true);
    expect(isSound({ ...running, health: "unhealthy" })).toBe(false);
    expect(isSound({ ...running, state: "restarting" })).toBe(false);
    expect(isSound({ ...running, state: "exited", restartPolicy: "no" })).toBe(true);
    expect(isSound({ ...running, state: "exited", restartPolicy: "always" })).toBe(false);
  });
});
