// Every CI definition executed: its jobs' own scripts with the environment that its CI documents, on a real engine and a
// registry that asks for a login.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { definitions } from "../../lab/ci/definitions.ts";
import { type CiRun, CiWorld } from "./ci.ts";

const GOOD = { version: "good one\n" };
const ARCH_TAGS = ["aarch64", "amd64", "armhf"];
const PLATFORMS = ["linux/amd64", "linux/arm/v7", "linux/arm64"];

const failing = ({ ends }: CiRun) => ends.filter((end) => !end.endsWith(" done"));

describe.each(definitions)("$name", (definition) => {
  const hub = definition.name === "dockerhub";
  let world: CiWorld;
  let good: string;
  beforeAll(async () => {
    world = await CiWorld.create(definition);
    good = await world.commit(GOOD);
  });
  afterAll(() => world?.remove());

  it("a pull request must be tested, and push nothing", async () => {
    const result = await world.run({ kind: "pull-request", commit: good });
    expect(failing(result), result.output).toEqual([]);
    expect(await world.tags()).toEqual([]);
  });

  it("without DOCKER_PUSH images must be built and run, and not pushed", async () => {
    const result = await world.run({ kind: "push", commit: good }, { push: false });
    expect(failing(result), result.output).toEqual([]);
    expect(await world.built()).toEqual([good, good, good]);
    expect(await world.tags()).toEqual([]);
  });

  it("a failing test must leave nothing built and nothing pushed", async () => {
    const bad = await world.commit({ version: "bad\n" });
    const result = await world.run({ kind: "push", commit: bad });
    expect(failing(result), result.output).toHaveLength(hub ? 3 : 5);
    expect(await world.built()).not.toContain(bad);
    expect(await world.tags()).toEqual([]);
  });

  it("a push to the main branch must end in images of all processors and one list of them", async () => {
    const result = await world.run({ kind: "push", commit: good });
    expect(failing(result), result.output).toEqual([]);
    expect(await world.tags()).toEqual([...ARCH_TAGS, "latest"]);
    expect((await world.list("latest"))?.toSorted()).toEqual(PLATFORMS);
    expect(result.output).not.toContain("secret\n");
  });

  it("a tag must end in a list for each of its versions", async () => {
    const result = await world.run({ kind: "tag", tag: "v1.2.3", commit: good });
    expect(failing(result), result.output).toEqual([]);
    const tags = await world.tags();
    for (const version of ["1.2.3", "1.2", "1"]) {
      expect((await world.list(version))?.toSorted()).toEqual(PLATFORMS);
      expect(tags).toEqual(expect.arrayContaining(ARCH_TAGS.map((arch) => `${version}-${arch}`)));
    }
  });

  it("a failing architecture must leave the old list in place", async () => {
    const before = await world.digest("latest");
    const broken = await world.commit({
      version: "good two\n",
      "Dockerfile.armhf": "FROM scratch\nCOPY nothing /\n",
    });
    const result = await world.run({ kind: "push", commit: broken });
    expect(failing(result), result.output).toHaveLength(hub ? 1 : 2);
    expect(await world.digest("latest")).toBe(before);
    const [amd64, armhf] = await world.built();
    expect(amd64).toBe(broken);
    expect(armhf).not.toBe(broken);
  });
});
