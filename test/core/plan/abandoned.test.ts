import { describe, expect, it } from "vitest";
import { plan } from "../../../src/core/plan/index.ts";
import { container, input, service } from "../../support/builders.ts";

const web = service("web");
const byCompose = { definitionHash: null, platformDigest: null, startedAt: 1000 };
const old = container(web, "1", byCompose);
/** As docker compose makes it before it stops the old one. */
const made = container(web, "2", {
  ...byCompose,
  name: `${old.id.slice(0, 12)}_p-web-1`,
  state: "created",
  startedAt: null,
  labels: { "com.docker.compose.replace": "p-web-1" },
});
const stopped = { ...old, state: "exited" as const, exitCode: 143, finishedAt: 2000 };

function steps(...args: Parameters<typeof input>): readonly string[] {
  return plan(input(...args)).steps.map((step) => `${step.kind} ${"name" in step ? step.name : ""}`.trim());
}

const wanted = [
  `removeContainer ${made.name}`,
  "createContainer p-web-1.next",
  "renameContainer",
  "renameContainer",
  `setRestartPolicy p-web-1.retired-${old.id.slice(0, 12)}`,
];

describe("docker compose that was killed while it recreated a container", () => {
  it("after creating must be forgotten, and its work be done anew where there is any", () => {
    expect(steps([web], { web: "1" }, [old, made])).toEqual([`removeContainer ${made.name}`]);
    expect(steps([web], { web: "2" }, [old, made]).slice(0, 5)).toEqual(wanted);
  });

  it("after stopping must not pass for a person who stopped it", () => {
    expect(steps([web], { web: "1" }, [stopped, made])).toEqual([
      `removeContainer ${made.name}`,
      "startContainer p-web-1",
      "awaitHealthy p-web-1",
    ]);
    expect(steps([web], { web: "2" }, [stopped, made]).slice(0, 5)).toEqual(wanted);
    const seen = { web: "r1" };
    expect(steps([web], { web: "2" }, [stopped, made], { seen }).slice(0, 5)).toEqual(wanted);
  });

  it("after removing must have its name given and be started", () => {
    expect(steps([web], { web: "2" }, [made])).toEqual([
      "renameContainer",
      "startContainer p-web-1",
      "awaitHealthy p-web-1",
    ]);
  });

  it("and was run again, which keeps the name, must have it put right without a stop", () => {
    const running = { ...made, state: "running" as const, startedAt: 3000 };
    const { steps: found } = plan(input([web], { web: "2" }, [running]));
    expect(found).toMatchObject([
      { kind: "renameContainer", from: made.name, to: "p-web-1", required: false },
    ]);
  });

  it("must be known by label, state and id, never by a name alone", () => {
    for (const other of [
      { ...made, labels: {} },
      { ...made, state: "running" as const, startedAt: 3000 },
      { ...made, state: "exited" as const, startedAt: 3000 },
      { ...made, name: "0123456789ab_p-web-1" },
      { ...made, name: `${old.id.slice(0, 12)}_p-web-2` },
    ]) {
      const { steps: found, notes } = plan(input([web], { web: "1" }, [old, other]));
      expect(found).toEqual([]);
      expect(notes).toEqual([`${other.name} also claims to be p-web-1; it is left alone`]);
    }
    const renamed = { ...made, labels: {}, state: "running" as const, startedAt: 3000 };
    expect(steps([web], { web: "2" }, [renamed])).toEqual([]);
  });
});
