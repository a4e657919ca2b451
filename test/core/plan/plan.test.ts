import { describe, expect, it } from "vitest";
import { plan, renderPlan } from "../../../src/core/plan/index.ts";
import { container, input, observed, pinned, service } from "../../support/builders.ts";

const web = service("web");
const running = container(web, "1");
const short = (id: string) => id.slice(0, 12);

function text(...args: Parameters<typeof input>): string {
  return renderPlan(plan(input(...args))).replace(/ {2,}/g, "  ");
}

/** `kind name` of each step: for tests where the order is what matters. */
function kinds(...args: Parameters<typeof input>): readonly string[] {
  return plan(input(...args)).steps.map((step) => `${step.service} ${step.kind}`);
}

describe("a service that is as it should be", () => {
  it("must be left alone", () => {
    expect(text([web], { web: "1" }, [running])).toBe("nothing to do");
  });

  it("must be left alone when docker compose made it and its hash is known", () => {
    const theirs = { ...running, definitionHash: null, platformDigest: null };
    expect(text([web], { web: "1" }, [theirs])).toBe("nothing to do");
  });

  it("must be replaced when docker compose made it from another definition", () => {
    const theirs = { ...running, definitionHash: null, composeHash: "other" };
    expect(plan(input([web], { web: "1" }, [theirs])).moved).toEqual(["web"]);
  });

  it("must be shown as held when its registry cannot be asked, and stay", () => {
    const held = { kind: "held", reason: "RegistryUnavailable", message: "no answer" } as const;
    expect(text([web], { web: held }, [running])).toBe(
      "nothing to do\nheld web: RegistryUnavailable: no answer",
    );
  });

  it("must be left alone while its own job has ended well", () => {
    const job = service("job", { restart: "no" });
    const ended = container(job, "1", { state: "exited", exitCode: 0 });
    expect(text([job], { job: "1" }, [ended])).toBe("nothing to do");
  });
});

describe("a new image", () => {
  it("must be pulled, proved and made into a container before the old one is touched, and nothing is removed", () => {
    const id = short(running.id);
    expect(text([web], { web: "2" }, [running])).toBe(
      [
        `#1 web pullImage  reg:5000/web@${short(digest("2"))}  : reg:5000/web:latest is not here yet`,
        `#2 web verifyImage  reg:5000/web@${short(digest("2"))} <- #1  : prove its processor`,
        `#3 web tagImage  reg:5000/web@${short(digest("2"))} as reg:5000/web:latest <- #2  : so that the tag means what runs here`,
        `#4 web createContainer  p-web-1.next from reg:5000/web@${short(digest("2"))} <- #3  : image moved from ${short(digest("1"))} to ${short(digest("2"))}`,
        `#5 web renameContainer  p-web-1 -> p-web-1.retired-${id} <- #4  : kept for the way back`,
        "#6 web renameContainer  p-web-1.next -> p-web-1 <- #4 #5  : take the name",
        `#7 web setRestartPolicy  p-web-1.retired-${id} no <- #5 #6  : a retired container must not come back by itself`,
        `#8 web stopContainer  p-web-1.retired-${id} <- #6 #7  : replaced by p-web-1`,
        "#9 web startContainer  p-web-1 <- #6 #8  : new revision",
        "#10 web awaitHealthy  p-web-1, 300 s <- #9  : health gate",
      ].join("\n"),
    );
  });

  it("must not be pulled again when it is here, only tagged", () => {
    const here = { id: pinned("web", "2").configDigest, repoTags: [], repoDigests: [], size: 1 };
    const given = input([web], { web: "2" }, [running]);
    const steps = plan({ ...given, observed: observed([running], { images: [here] }) }).steps;
    expect(steps.slice(0, 2).map((s) => s.kind)).toEqual(["tagImage", "createContainer"]);
  });

  it("must start before the old one stops where start-first is asked for and nothing is exclusive", () => {
    const first = service("web", { rollout: { order: "start-first", monitorMs: null, failureAction: null } });
    expect(kinds([first], { web: "2" }, [running]).slice(3)).toEqual([
      "web createContainer",
      "web startContainer",
      "web awaitHealthy",
      "web renameContainer",
      "web setRestartPolicy",
      "web stopContainer",
      "web renameContainer",
    ]);
  });

  it("must be stop-first all the same where a host port is published, and say so", () => {
    const first = service("web", {
      rollout: { order: "start-first", monitorMs: null, failureAction: null },
      exclusive: ["publishes host port 80"],
    });
    const made = plan(input([first], { web: "2" }, [running]));
    expect(made.notes).toEqual(["web is replaced stop-first: it publishes host port 80"]);
    expect(made.steps.map((s) => s.kind).indexOf("stopContainer")).toBeLessThan(
      made.steps.map((s) => s.kind).indexOf("startContainer"),
    );
  });

  it("must wait when it would not fit on the disk", () => {
    const made = plan(
      input([web], { web: "2" }, [running], { freeBytes: 1_003_999, minFreeBytes: 1_000_000 }),
    );
    expect(made.steps).toEqual([]);
    expect(made.held[0]?.reason).toBe("NotEnoughSpace");
    expect(
      plan(input([web], { web: "2" }, [running], { freeBytes: 1_004_000, minFreeBytes: 1_000_000 })).held,
    ).toEqual([]);
  });

  it("must only be shown for update: off and notify, and notify must follow a person's wish", () => {
    const off = service("web", { update: "off" });
    const notify = service("web", { update: "notify" });
    expect(plan(input([off], { web: "2" }, [running], { force: true })).held[0]?.reason).toBe("UpdateOff");
    expect(plan(input([notify], { web: "2" }, [running])).held[0]?.reason).toBe("UpdateOff");
    expect(plan(input([notify], { web: "2" }, [running], { force: true })).moved).toEqual(["web"]);
  });

  it("must not be followed when only the definition changed under update: off", () => {
    const off = service("web", { update: "off", definitionHash: "v1:other" });
    const create = plan(input([off], { web: "2" }, [running])).steps.find(
      (s) => s.kind === "createContainer",
    );
    expect(create?.kind === "createContainer" && create.image.locate).toBe(running.imageId);
  });
});

function digest(version: string): string {
  return pinned("web", version).platformDigest.slice("sha256:".length);
}
