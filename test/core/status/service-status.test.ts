// Which container stands for a service and which image it runs, where the compose file cannot be read or labels lie.
import { describe, expect, it } from "vitest";
import { BOARDHAND, COMPOSE, type ObservedContainer } from "../../../src/core/model/index.ts";
import { type ProjectStatusInput, projectStatus } from "../../../src/core/status/index.ts";
import { aContainer, aDesired, aDesiredService, anObserved, digest, input } from "./builders.ts";

const services = (over: Partial<ProjectStatusInput>) => projectStatus(input(over)).services;
const retired = (over: Partial<ObservedContainer> = {}) =>
  aContainer("web", { id: "retired", name: "p-web-1.retired-abc123", ...over });
const once = aContainer("old", { id: "once", labels: { [COMPOSE.oneoff]: "True" } });

describe("without a compose file", () => {
  const unread = { desired: null, plan: null };

  it("the services must be those in use, not what waits retired or was run once", () => {
    const observed = anObserved([aContainer("web"), aContainer("web", { number: 2 }), retired(), once]);
    expect(services({ ...unread, observed }).map((one) => one.name)).toEqual(["web"]);
    const gone = anObserved([{ ...retired(), service: "gone" }]);
    expect(services({ ...unread, observed: gone })).toEqual([]);
    expect(services({ ...unread, observed: null })).toEqual([]);
  });

  it("reference and replicas must be those of the containers in use", () => {
    const observed = anObserved([
      aContainer("web"),
      aContainer("web", { number: 2, state: "exited" }),
      retired(),
    ]);
    expect(services({ ...unread, observed })[0]).toMatchObject({
      image: { reference: "example.org/web:1" },
      replicas: { desired: 2, running: 1 },
    });
  });

  it("nothing must be held, and nobody be taken for a job", () => {
    const observed = anObserved([aContainer("web", { state: "exited" })]);
    const status = projectStatus(input({ ...unread, observed }));
    expect(status.services[0]?.held).toBeNull();
    expect(status.conditions[0]?.reason).toBe("ServiceNotRunning");
    expect(status.notes).toEqual([]);
  });
});

describe("the container of a service", () => {
  const shown = (...containers: readonly ObservedContainer[]) =>
    services({ desired: aDesired([aDesiredService("web")]), observed: anObserved(containers) })[0]?.container
      ?.id;

  it("must be the running one, whatever its number", () => {
    const one = aContainer("web", { id: "one", name: "a", state: "exited" });
    const two = aContainer("web", { id: "two", name: "b", number: 2 });
    expect(shown(one, two)).toBe("two");
  });

  it("must be the one with compose's name, even stopped beside a running copy", () => {
    const own = aContainer("web", { id: "own", state: "exited" });
    expect(shown(aContainer("web", { id: "copy", name: "a" }), own)).toBe("own");
  });

  it("must be the lowest number, then the first name", () => {
    const numbered = (number: number, name: string) => aContainer("web", { id: name, name, number });
    expect(shown(numbered(3, "a"), numbered(2, "c"), numbered(2, "b"))).toBe("b");
  });

  it("must be asked for where there is none, by the file's reference", () => {
    const [web] = services({ desired: aDesired([aDesiredService("web")]), observed: anObserved([]) });
    expect(web).toMatchObject({ image: { reference: "example.org/web:1", digest: null }, container: null });
    const moved = aDesired([aDesiredService("web", { reference: "example.org/web:2" })]);
    expect(services({ desired: moved })[0]?.image.reference).toBe("example.org/web:2");
  });

  it("must count as retired only by the end of its name", () => {
    const odd = aContainer("web", { id: "odd", name: "p-web-1.retired-abc-live" });
    const observed = anObserved([odd]);
    expect(services({ desired: aDesired([aDesiredService("web")]), observed })[0]?.replicas.running).toBe(1);
  });
});

describe("the image of a service", () => {
  const image = (over: Partial<ObservedContainer>, images: ProjectStatusInput["images"] = new Map()) =>
    services({
      desired: aDesired([aDesiredService("web")]),
      images,
      observed: anObserved([aContainer("web", over)]),
    })[0]?.image;

  it.each([["nonsense"], [`x${digest("1")}`], [`${digest("1")}0`]])(
    "must have no digest where our label says %j",
    (label) => {
      expect(image({ labels: { [BOARDHAND.indexDigest]: label } })).toMatchObject({
        digest: null,
        platformDigest: digest("a"),
      });
    },
  );

  it("must have no digest where our label is missing", () => {
    expect(image({})?.digest).toBeNull();
  });

  it("must be told from the engine in a settled order where nothing was resolved", () => {
    const repoDigests = [`b.example/web@${digest("2")}`, `a.example/web@${digest("1")}`];
    expect(image({ platformDigest: null, repoDigests })).toMatchObject({
      digest: digest("1"),
      platformDigest: null,
    });
    expect(image({ platformDigest: null })?.digest).toBeNull();
  });
});

it("a hold of another service must not be shown here", () => {
  const plan = { held: [{ service: "db", reason: "RateLimited" as const, message: "later" }], notes: [] };
  expect(services({ plan }).map((one) => one.held?.reason)).toEqual(["RateLimited", undefined]);
});

it("of one service, quarantined definitions must stand before images, each in order", () => {
  const entry = (platformDigest: ReturnType<typeof digest> | null, definitionHash: string | null) => {
    const what = { service: "web", platformDigest, definitionHash };
    return { ...what, culprit: what, reason: "exited", since: 0 };
  };
  const quarantine = [
    entry(digest("b"), "v1:2"),
    entry(digest("b"), "v1:1"),
    entry(digest("b"), null),
    entry(null, "v1:9"),
  ];
  const memory = { ...input().memory, quarantine };
  expect(
    projectStatus(input({ memory })).quarantine.map((one) => [one.platformDigest, one.definitionHash]),
  ).toEqual([
    [null, "v1:9"],
    [digest("b"), null],
    [digest("b"), "v1:1"],
    [digest("b"), "v1:2"],
  ]);
});
