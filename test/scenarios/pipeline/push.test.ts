// docker push to real registries: under all tags and read back, and failures that say what to do.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runPush } from "../../../src/pipeline/stages/push.ts";
import { startNginx } from "../../lab/nginx.ts";
import { freePort, type RunningRegistry, startRegistry } from "../../lab/registry.ts";
import { amd64, armhf } from "../../pipeline/rows.ts";
import { usePush } from "./push-lab.ts";
import { impatientClock, mainBuild, taggedBuild } from "./registry-lab.ts";

const { stops, deps: depsOf, built, push, digestOf } = usePush();
let target: RunningRegistry;
beforeAll(async () => {
  target = await startRegistry();
});
afterAll(() => target?.stop());

describe("a push", () => {
  it("must put the image under all tags of its architecture, and read them back", async () => {
    const image = `${target.address}/plain/app`;
    await built(`${image}:armhf`);
    const outcome = await push({ image });
    const tags = ["1.2.3-armhf", "1.2-armhf", "1-armhf"];
    expect(outcome).toMatchObject({
      stage: "push",
      arch: "armhf",
      state: "done",
      message: `${image}:1.2.3-armhf, 1.2-armhf, 1-armhf`,
      data: { tags, held: [] },
    });
    const digests = await Promise.all(tags.map((tag) => digestOf(image, tag)));
    expect(digests).toEqual(Array(3).fill(outcome.data.digest));
    expect(await digestOf(image, "armhf")).toBeNull();
    expect(outcome.text).toContain("1.2.3-armhf: digest: sha256:");

    const again = await push({ image });
    expect(again).toMatchObject({ state: "done", data: outcome.data });
  });

  it("must push the local tag itself for the main branch", async () => {
    const image = `${target.address}/main/app`;
    await built(`${image}:armhf`);
    expect(await push({ image, context: mainBuild })).toMatchObject({
      state: "done",
      data: { tags: ["armhf"] },
    });
    expect(await digestOf(image, "armhf")).not.toBeNull();
  });

  it("must leave to somebody else what is theirs, and to nobody what no release is", async () => {
    const image = `${target.address}/theirs/app`;
    expect(await push({ image }, { ...amd64, push: false })).toMatchObject({ state: "skipped" });
    expect(await push({ image, context: { ...mainBuild, branch: "feature" } })).toMatchObject({
      state: "skipped",
    });
    const deps = depsOf({ image, context: { ...mainBuild, event: "pull-request" } });
    const refused = await runPush(deps, armhf, `${image}:armhf`, ["armhf"]);
    expect(refused).toMatchObject({ state: "failed", failure: { code: "E_PUSH" } });
    expect(deps.events).toEqual([]);
  });

  it("must not take a tag from a later release", async () => {
    const image = `${target.address}/later/app`;
    await built(`${image}:armhf`, "1.3.0");
    await push({ image, context: taggedBuild("v1.3.0") });
    const one = await digestOf(image, "1-armhf");
    await built(`${image}:armhf`, "1.2.9");
    const older = await push({ image, context: taggedBuild("v1.2.9") });
    expect(older).toMatchObject({
      state: "done",
      data: { tags: ["1.2.9-armhf", "1.2-armhf"], held: ["1-armhf"] },
    });
    expect(older.text).toContain("1-armhf stays at 1.3.0, which is later than 1.2.9");
    expect(await digestOf(image, "1-armhf")).toBe(one);
  });

  it("must say so when there is no image to push", async () => {
    const outcome = await push({ image: `${target.address}/missing/app` });
    expect(outcome).toMatchObject({ state: "failed", failure: { code: "E_PUSH" } });
    expect(outcome.failure?.hint).toContain("boardhand build image push");
  });

  it("must say so when there is no docker, or no engine", async () => {
    const image = `${target.address}/plain/app`;
    const { DOCKER_HOST: host, PATH: path } = process.env;
    try {
      process.env.DOCKER_HOST = "unix:///nowhere/docker.sock";
      const outcome = await push({ image });
      expect(outcome).toMatchObject({ state: "failed", failure: { code: "E_PUSH" } });
      expect(outcome.failure?.hint).toContain("DOCKER_HOST");
      process.env.PATH = "/nowhere";
      expect(await push({ image })).toMatchObject({ state: "failed", failure: { code: "E_PROGRAM" } });
    } finally {
      Object.assign(process.env, { DOCKER_HOST: host, PATH: path });
    }
  });
});

describe("a registry that fails in the middle", () => {
  it("must be tried again, and be no failure when it comes back", async () => {
    const port = await freePort();
    const image = `127.0.0.1:${port}/app`;
    await built(`${image}:armhf`);
    const clock = impatientClock(async () => {
      const registry = await startRegistry({ port });
      stops.push(registry.stop);
    });
    const outcome = await push({ image, clock, context: mainBuild });
    expect(outcome).toMatchObject({ state: "done", data: { tags: ["armhf"] } });
    expect(clock.slept).toHaveLength(1);
  });

  it("must be given up after three tries, each with a longer pause", async () => {
    const image = `127.0.0.1:${await freePort()}/app`;
    await built(`${image}:armhf`);
    const clock = impatientClock();
    const outcome = await push({ image, clock, context: mainBuild });
    expect(outcome).toMatchObject({ state: "failed", failure: { code: "E_PUSH" } });
    expect(outcome.message).toContain("connection refused");
    const [first = 0, second = 0, ...more] = clock.slept;
    expect(second).toBeGreaterThan(2 * first);
    expect(more).toEqual([]);
  });

  it("must not be pushed to while nobody can say whose the moving tags are", async () => {
    const image = `127.0.0.1:${await freePort()}/app`;
    const outcome = await push({ image, clock: impatientClock() });
    expect(outcome).toMatchObject({ state: "failed", failure: { code: "E_PUSH" } });
    expect(outcome.message).toContain("1.2-armhf cannot be looked at before the push");
    expect(outcome.calls).toEqual([]);
  });

  it("must have pushed what came before, and say so", async () => {
    const guard = "limit_except GET HEAD { deny all; }";
    const pass = `proxy_pass http://${target.address}; proxy_set_header Host $http_host;`;
    const nginx = await startNginx({
      server: `client_max_body_size 0; location / { ${pass} }\nlocation ~ /manifests/1.2-armhf$ { ${guard} ${pass} }`,
    });
    stops.push(nginx.stop);
    const image = `${nginx.address}/half/app`;
    await built(`${image}:armhf`);
    const outcome = await push({ image });
    expect(outcome).toMatchObject({ state: "failed", data: { tags: ["1.2.3-armhf"] } });
    expect(outcome.message).toMatch(/:1\.2-armhf was not pushed: .* \(1\.2\.3-armhf before it was\)$/);
    expect(await digestOf(image, "1.2.3-armhf")).not.toBeNull();
    expect(await digestOf(image, "1-armhf")).toBeNull();
  });

  it("must be caught when it has something else under the tag afterwards", async () => {
    const image = `${target.address}/other/app`;
    await built(`${image}:armhf`);
    const deps = depsOf({ image, context: mainBuild });
    // Two builds at the same moment: no real registry can be made to do this at the right one.
    const digest = `sha256:${"0".repeat(64)}` as const;
    const registry = { ...deps.registry, head: async () => ({ digest, mediaType: "" }) };
    const outcome = await runPush({ ...deps, registry }, armhf, `${image}:armhf`, ["armhf"]);
    expect(outcome).toMatchObject({ state: "failed", failure: { code: "E_PUSH" } });
    expect(outcome.message).toContain(`is ${digest} in the registry, and sha256:`);
  });
});
