import { describe, expect, it } from "vitest";
import {
  compare,
  instancesOf,
  isCompleted,
  isReplacement,
  isUp,
  mayEnd,
  retiredFrom,
  retiredName,
  swapBegun,
  takingPart,
} from "../../../src/core/plan/instances.ts";
import { container, project, retired, service } from "../../support/builders.ts";

const web = service("web");
const one = container(web, "1");
const desired = project([web]);
const the = (containers: Parameters<typeof instancesOf>[2]) => instancesOf(desired, web, containers)[0];

describe("a swap", () => {
  const next = container(web, "2", { name: "p-web-1.next" });

  it("must count as begun once something was retired or a replacement has run", () => {
    expect(swapBegun([one, retired(one)])).toBe(true);
    expect(swapBegun([one, next])).toBe(true);
  });

  it("must not count as begun by what was only created", () => {
    expect(swapBegun([one, { ...next, state: "created", startedAt: null }])).toBe(false);
    expect(swapBegun([one])).toBe(false);
  });
});

describe("a rollout that only the containers tell of", () => {
  const worker = service("worker");
  const waiting = container(worker, "2", { name: "p-worker-1.next", state: "created", startedAt: null });

  it("must be of the services with a retired container or a replacement, each once", () => {
    expect(
      takingPart([waiting, container(worker, "1"), retired(one), container(service("db"), "1")]),
    ).toEqual(["web", "worker"]);
    expect(takingPart([retired(one), container(web, "2", { name: "p-web-1.next" })])).toEqual(["web"]);
  });

  it("must not be taken from what was only created, or is not ours", () => {
    expect(takingPart([waiting, one])).toEqual([]);
    expect(takingPart([{ ...waiting, definitionHash: null }, retired(one)])).toEqual(["web"]);
  });
});

describe("the part a container plays", () => {
  it("must be retired only where its name ends in its own id", () => {
    expect(retiredName("p-web-1", one.id)).toBe(`p-web-1.retired-${one.id.slice(0, 12)}`);
    expect(retiredFrom(retired(one))).toBe("p-web-1");
    expect(retiredFrom({ ...one, name: "p-web-1.retired-000000000000" })).toBeNull();
    expect(retiredFrom({ ...retired(one), name: `${retired(one).name}0` })).toBeNull();
    expect(retiredFrom(one)).toBeNull();
  });

  it("must be a replacement only where it is ours and has the suffix", () => {
    const next = { ...one, name: "p-web-1.next" };
    expect(isReplacement(next, "p-web-1")).toBe(true);
    expect(isReplacement({ ...next, definitionHash: null }, "p-web-1")).toBe(false);
    expect(isReplacement(one, "p-web-1")).toBe(false);
  });

  it("must be told apart: current, next, retired with the last that ran first, and strays", () => {
    const next = container(web, "2", { name: "p-web-1.next", state: "created" });
    const older = { ...retired(container(web, "0")), startedAt: 1 };
    const newer = { ...retired(container(web, "3")), startedAt: 5 };
    const stray = { ...container(web, "3"), name: "a-stray", id: "0", startedAt: 9000 };
    for (const order of [
      [one, next, older, newer, stray],
      [stray, newer, older, next, one],
    ]) {
      expect(the(order)).toEqual({
        service: web,
        number: 1,
        finalName: "p-web-1",
        current: one,
        abandoned: null,
        next,
        retired: [newer, older],
        strays: [stray],
      });
    }
  });

  it("must be current under a foreign name when it is the only one, the last that ran before the others", () => {
    const first = { ...one, id: "f1", name: "abc_p-web-1", startedAt: 7 };
    const second = { ...one, id: "f2", name: "abd_p-web-1", startedAt: 8 };
    expect(the([first, second])).toMatchObject({ current: second, strays: [first] });
  });

  it("must not depend on the order of the list where nothing ran or all ran at once", () => {
    for (const startedAt of [null, 4]) {
      const a = { ...retired(container(web, "0")), id: "a", name: "p-web-1.x", startedAt };
      const b = { ...a, id: "b" };
      expect(the([b, a])?.current?.id).toBe("a");
      expect(the([a, b])?.current?.id).toBe("a");
    }
    const never = { ...one, id: "a", name: "x", startedAt: null };
    const ran = { ...one, id: "b", name: "y", startedAt: 1 };
    expect(the([never, ran])?.current?.id).toBe("b");
    expect(the([ran, never])?.current?.id).toBe("b");
  });

  it("must not depend on other services or numbers", () => {
    const [first, second] = instancesOf(desired, { ...web, replicas: 2 }, [
      container(service("db"), "1"),
      container(web, "1", { number: 2 }),
    ]);
    expect([first?.current, second?.current?.name, second?.finalName]).toEqual([null, "p-web-2", "p-web-2"]);
  });
});

describe("the state of a container", () => {
  it("must count as up where the engine has processes of it", () => {
    const states = ["created", "running", "paused", "restarting", "removing", "exited", "dead"] as const;
    expect(states.filter((state) => isUp({ ...one, state }))).toEqual(["running", "paused", "restarting"]);
  });

  it("must count as completed only for one that exited with code 0 and may", () => {
    const done = { ...one, state: "exited", exitCode: 0, restartPolicy: "no" } as const;
    expect(isCompleted(done)).toBe(true);
    expect(isCompleted({ ...done, state: "running" })).toBe(false);
    expect(isCompleted({ ...done, exitCode: 1 })).toBe(false);
    expect(isCompleted({ ...done, restartPolicy: "always" })).toBe(false);
  });

  it("may end under no policy, `no` and `on-failure` with or without a count", () => {
    const policies = ["", "no", "on-failure", "on-failure:3", "always", "unless-stopped"];
    expect(policies.filter(mayEnd)).toEqual(["", "no", "on-failure", "on-failure:3"]);
  });
});

it("names must be ordered by code unit", () => {
  expect([compare("a", "b"), compare("b", "a"), compare("a", "a"), compare("B", "a")]).toEqual([
    -1, 1, 0, -1,
  ]);
});
