// A network whose definition changed is docker compose's to make anew: Boardhand uses it, says so, and takes what is
// there afterwards for its own.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Both } from "./both.ts";

const text = (label: string) => `
services: {web: {image: REG/app, networks: [front]}, other: {image: REG/app}}
networks: {front: {labels: {v: "${label}"}}}
`;

let both: Both;

beforeAll(async () => {
  both = await Both.create({ compose: text("1") });
});

afterAll(async () => {
  await both.stop();
});

async function notes(): Promise<readonly string[]> {
  const { reconciler } = await both.world.parts();
  return reconciler.view(both.world.project)?.plan?.notes ?? [];
}

describe("a network whose definition changed", () => {
  it("must be used as it is and reported, until docker compose makes it anew", async () => {
    await both.apply();
    const before = await both.ids();
    await both.world.writeCompose(text("2"));
    expect(await both.apply()).toEqual([]);
    expect(await notes()).toEqual([expect.stringContaining("_front was made from another definition")]);
    await both.composeUp();
    expect(await both.apply()).toEqual([]);
    expect(await both.ids()).toEqual(before);
    expect(await notes()).toEqual([]);
  });
});
