// What `make test` makes of a scenario that failed beside another lane.
import { describe, expect, it } from "vitest";
import { judgeAlone } from "../../deploy/dev/lib/alone.mjs";
import { suite } from "../../deploy/dev/lib/stages.mjs";

const stage = suite("scenarios", 1000);
const file = "/somewhere/disk.test.ts";
const good = { passed: 4, failed: 0, what: [], files: [] };
const bad = { passed: 3, failed: 1, what: ["scenarios: a full disk must hold: no"], files: [file] };

/** Answers with `outcomes`, one a run, and keeps what was run. */
function runner(outcomes: readonly (typeof good | typeof bad)[]) {
  const ran: string[] = [];
  const run = async (asked: typeof stage) => {
    ran.push(`${asked.name}: ${asked.command.at(-1)}`);
    return outcomes[ran.length - 1] ?? bad;
  };
  return { ran, run };
}

describe("a scenario that failed beside others", () => {
  it("must run again three times, with its whole file, and be named when it passes each time", async () => {
    const { ran, run } = runner([good, good, good]);
    const [judged] = await judgeAlone([{ stage, count: bad }], run);
    expect(judged).toEqual({ count: good, unsteady: bad.what });
    expect(ran).toEqual([1, 2, 3].map((time) => `scenarios-alone-${time}: ${file}`));
  });

  it("must stay failed when it fails once more", async () => {
    const { ran, run } = runner([good, bad, good]);
    expect(await judgeAlone([{ stage, count: bad }], run)).toEqual([{ count: bad, unsteady: [] }]);
    expect(ran).toHaveLength(2);
  });

  it("must stay failed, and not run again, when more than two failed or something outside of the tests", async () => {
    const { ran, run } = runner([good, good, good]);
    const three = { ...bad, passed: 1, failed: 3 };
    const crashed = { ...bad, files: [] };
    expect(await judgeAlone([{ stage, count: three }], run)).toEqual([{ count: three, unsteady: [] }]);
    expect(await judgeAlone([{ stage, count: crashed }], run)).toEqual([{ count: crashed, unsteady: [] }]);
    expect(ran).toEqual([]);
  });

  it("must count what passed at once as it is", async () => {
    const { ran, run } = runner([]);
    expect(await judgeAlone([{ stage, count: good }], run)).toEqual([{ count: good, unsteady: [] }]);
    expect(ran).toEqual([]);
  });
});
