// Which of several agents acts.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { agentsBefore, isDaemon } from "../../src/self-update/standby.ts";
import { agent } from "./agents.ts";

const AT = (second: number) => `2026-01-01T00:00:0${second}.000000000Z`;

describe("the agent that acts", () => {
  it("must be the one that was started first, whatever the order of the list", () => {
    const [one, two] = [agent("b", { startedAt: AT(1) }), agent("a", { startedAt: AT(2) })];
    expect(agentsBefore(one.id, [two, one])).toEqual([]);
    expect(agentsBefore(two.id, [two, one])).toEqual([one]);
  });

  it("must be the one with the lower id when both were started at the same moment", () => {
    const [one, two] = [agent("a", { startedAt: AT(1) }), agent("b", { startedAt: AT(1) })];
    expect(agentsBefore(one.id, [two, one])).toEqual([]);
    expect(agentsBefore(two.id, [two, one])).toEqual([one]);
  });

  it("must not wait for one that does not run, an updater or a pre-flight check", () => {
    const self = agent("z", { startedAt: AT(5) });
    const others = [
      agent("a", { state: "exited" }),
      agent("b", { state: "created", startedAt: null }),
      agent("c", { state: "restarting" }),
      agent("d", { role: "updater" }),
      agent("e", { role: "preflight" }),
    ];
    expect(agentsBefore(self.id, [...others, self])).toEqual([]);
  });

  it("must wait for one that is paused: it may wake up in the middle of a rollout", () => {
    const [paused, self] = [
      agent("a", { state: "paused", startedAt: AT(1) }),
      agent("b", { startedAt: AT(2) }),
    ];
    expect(agentsBefore(self.id, [paused, self])).toEqual([paused]);
  });

  it("must be exactly one of any number, however often and in whatever order they ask", () => {
    const some = fc.uniqueArray(fc.tuple(fc.integer({ min: 0x1000, max: 0xffff }), fc.nat(3)), {
      selector: ([id]) => id,
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(some, (made) => {
        const agents = made.map(([id, second]) => agent(id.toString(16), { startedAt: AT(second) }));
        const acting = agents.filter(({ id }) => agentsBefore(id, agents).length === 0);
        expect(acting).toHaveLength(1);
      }),
    );
  });
});

describe("a container of the image that is no daemon", () => {
  it.each([
    [["boardhand", "run"], true],
    [["boardhand", "run", "--config", "/c.yml"], true],
    [["sh", "-c", "exec boardhand run"], true],
    [["boardhand", "build", "--file", "run.yml"], false],
    [["boardhand", "doctor"], false],
    [["sh", "-c", "ls /var/run/docker.sock"], false],
  ])("%j must count as one: %s", ([path, ...args], expected) => {
    expect(isDaemon({ Path: path, Args: args })).toBe(expected);
  });
});
