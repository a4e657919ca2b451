// One attribute changed in each service: docker compose and Boardhand must recreate exactly the same ones.
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { Both } from "./both.ts";
import { casesFor, FILES, projectOf } from "./cases.ts";

/** Cases in which only what docker compose does not compare is written. */
const IGNORED: readonly string[] = ["plain", "several", "ordered"];
const SERVICES = Object.keys(casesFor(inject("engineApi")));
const BARE = projectOf(SERVICES, () => "");

let both: Both;

beforeAll(async () => {
  both = await Both.create({ compose: BARE, files: FILES, frozen: true });
});

afterAll(async () => {
  await both.stop();
});

/** Services whose first container is another one afterwards; everything is made anew by docker compose before. */
async function recreated(change: () => Promise<unknown>): Promise<readonly string[]> {
  const first = async () => {
    const containers = (await both.world.containers()).filter((c) => c.number === 1);
    return new Map(containers.map((c) => [c.service, c.id]));
  };
  await both.world.writeCompose(BARE);
  await both.compose("down", "-v");
  await both.composeUp("--no-start");
  const before = await first();
  await both.world.writeCompose(projectOf(SERVICES));
  await change();
  const after = await first();
  expect([...after.keys()]).toEqual([...SERVICES].sort());
  return [...after].filter(([service, id]) => before.get(service) !== id).map(([service]) => service);
}

describe("a change of the compose file", () => {
  it("must make both recreate the services whose definition changed, and no other", async () => {
    const byCompose = await recreated(() => both.composeUp("--no-start"));
    const byBoardhand = await recreated(() => both.apply());
    expect(byCompose).toEqual(SERVICES.filter((service) => !IGNORED.includes(service)).sort());
    expect(byBoardhand).toEqual(byCompose);
  });
});
