// Lists that must not be made, and registries that fail while they are: the old list stays, and another run finishes it.
import { beforeAll, describe, expect, it } from "vitest";
import { runManifest } from "../../../src/pipeline/stages/manifest.ts";
import { startFaultyRegistry } from "../../lab/faulty-registry.ts";
import { startNginx } from "../../lab/nginx.ts";
import { type ImageSpec, pushImage, pushIndex } from "../../lab/push.ts";
import { startRegistry } from "../../lab/registry.ts";
import { startTokenServer } from "../../lab/token-server.ts";
import { aarch64, amd64, armhf, rowOf } from "../../pipeline/rows.ts";
import { PLATFORMS, pushed, registry, release, useLists } from "./list-lab.ts";
import { imageSpec, impatientClock, mainBuild, releasesOf } from "./registry-lab.ts";

const { stops, deps: depsOf, newRepository, lists, manifestOf, digestOf } = useLists("pipeline-refused");

describe("a list that is not complete", () => {
  const tags = ["1.2.3", "1.2", "1"];
  const repository = "pipeline-refused/released";
  const current = () => Promise.all(tags.map((tag) => digestOf(repository, tag)));
  let before: readonly (string | null)[];
  /** A release whose lists are in place. */
  beforeAll(async () => {
    await pushed(repository, tags);
    expect(await lists(repository)).toMatchObject({ state: "done" });
    before = await current();
    await pushed(repository, tags, { layers: ["new"] });
  });
  const intact = async () => expect(await current()).toEqual(before);

  it("must not be put, and the old ones stay, while an architecture is missing", async () => {
    const matrix = [amd64, armhf, { ...aarch64, word: "arm64-new" }];
    const outcome = await lists(repository, { matrix });
    expect(outcome).toMatchObject({
      state: "failed",
      failure: { code: "E_LIST" },
      data: { problems: { length: 3 } },
    });
    expect(outcome.message).toContain(`aarch64: ${registry}/${repository}:1.2.3-arm64-new is not there`);
    expect(outcome.failure?.hint).toContain("No list was touched");
    await intact();
  });

  it("must not be put when the last of its tags is wrong", async () => {
    await pushImage(
      { address: registry, repository },
      "1-armhf",
      imageSpec("linux/arm64", { layers: ["new"] }),
    );
    const outcome = await lists(repository);
    expect(outcome.message).toContain("1-armhf is for linux/arm64, not for linux/arm/v7");
    await intact();
  });

  it.each<[string, ImageSpec, string]>([
    ["of another processor", imageSpec("linux/amd64"), "is for linux/amd64, not for linux/arm/v7"],
    ["of another variant", imageSpec("linux/arm/v6"), "is for linux/arm/v6, not for linux/arm/v7"],
    [
      "of no processor",
      imageSpec("linux/arm/v7", { platform: null }),
      "does not say for which processor it is",
    ],
    [
      "of another commit",
      imageSpec("linux/arm/v7", {
        config: { Labels: { "org.opencontainers.image.revision": "f".repeat(40) } },
      }),
      "is of commit ffffffffffff, not of 0123456789ab",
    ],
    ["of no commit", imageSpec("linux/arm/v7", { config: {} }), "does not say of which commit it is"],
    [
      "with labels that are none",
      imageSpec("linux/arm/v7", { config: { Labels: "x" } }),
      "does not say of which",
    ],
  ])("must not be put with an image %s", async (_title, spec, words) => {
    await pushImage({ address: registry, repository }, "1.2.3-armhf", spec);
    const outcome = await lists(repository);
    expect(outcome).toMatchObject({ state: "failed", failure: { code: "E_LIST" } });
    expect(outcome.message).toContain(`armhf: ${registry}/${repository}:1.2.3-armhf ${words}`);
    await intact();
  });

  it("must not be put from a list that lacks the platform", async () => {
    const target = { address: registry, repository };
    const image = await pushImage(target, null, imageSpec("linux/amd64"));
    await pushIndex(target, "1.2.3-armhf", [{ image }]);
    expect((await lists(repository)).message).toContain(
      "is a list without linux/arm/v7 (it has linux/amd64)",
    );
    await intact();
  });

  it("must not be put with two images for one platform, or for a pull request", async () => {
    const matrix = [amd64, armhf, rowOf("other", "linux/arm/v7")];
    expect((await lists(repository, { matrix })).message).toContain(
      "armhf and other are both for linux/arm/v7",
    );
    const deps = depsOf({
      image: `${registry}/${repository}`,
      context: { ...release, event: "pull-request" },
    });
    expect(await runManifest(deps, releasesOf(release))).toMatchObject({ state: "failed" });
    await intact();
  });
});

describe("a registry that fails in the middle", () => {
  /** An older release in place, and the images of the new one. */
  async function between() {
    const repository = newRepository();
    await pushed(repository, ["1.2.3", "1.2", "1"], { layers: ["old"] });
    await lists(repository);
    const old = await digestOf(repository, "1");
    await pushed(repository, ["1.2.3", "1.2", "1"], { layers: ["new"] });
    return { repository, old };
  }

  it("must leave the tag that it refuses as it was, say which have moved, and be finished by another run", async () => {
    const { repository, old } = await between();
    const nginx = await startNginx({
      server: [
        "location / { proxy_pass http://REGISTRY; proxy_set_header Host $http_host; }",
        "location ~ /manifests/1.2$ { limit_except GET HEAD { deny all; } proxy_pass http://REGISTRY; proxy_set_header Host $http_host; }",
      ]
        .join("\n")
        .replaceAll("REGISTRY", registry),
    });
    stops.push(nginx.stop);
    const outcome = await lists(repository, { image: `${nginx.address}/${repository}` });
    expect(outcome).toMatchObject({
      state: "failed",
      failure: { code: "E_LIST" },
      data: { put: ["1.2.3"], left: ["1"] },
    });
    expect(outcome.message).toContain(`1.2 was not put: ${nginx.address} refuses a push`);
    expect(outcome.message).toContain(`in place: ${nginx.address}/${repository}:1.2.3; not reached: 1`);
    expect([await digestOf(repository, "1.2"), await digestOf(repository, "1")]).toEqual([old, old]);
    const again = await lists(repository);
    expect(again).toMatchObject({ state: "done", data: { put: ["1.2", "1"], unchanged: ["1.2.3"] } });
    expect(await digestOf(repository, "1")).toBe(await digestOf(repository, "1.2.3"));
  });

  it("must leave what it did not reach as it was when it goes away, after three tries", async () => {
    const { repository, old } = await between();
    const proxy = await startFaultyRegistry(registry);
    stops.push(proxy.close);
    let puts = 0;
    proxy.fault = ({ method }, response) => {
      if (method === "PUT" && ++puts > 1) response.destroy();
    };
    const clock = impatientClock();
    const outcome = await lists(repository, { image: `${proxy.address}/${repository}`, clock });
    expect(outcome).toMatchObject({ state: "failed", data: { put: ["1.2.3"], left: ["1"] } });
    expect(outcome.message).toContain("1.2 was not put");
    expect(clock.slept).toHaveLength(2);
    expect([await digestOf(repository, "1.2"), await digestOf(repository, "1")]).toEqual([old, old]);
  });

  it("must be no failure when it comes back in time", async () => {
    const { repository } = await between();
    const proxy = await startFaultyRegistry(registry);
    stops.push(proxy.close);
    await proxy.close();
    const clock = impatientClock(() => proxy.open());
    const outcome = await lists(repository, { image: `${proxy.address}/${repository}`, clock });
    expect(outcome).toMatchObject({ state: "done", data: { put: ["1.2.3", "1.2", "1"] } });
  });

  it("must be told from success when it shows another list than the one that was put", async () => {
    const { repository } = await between();
    const old = await manifestOf(repository, "1.2.3");
    const proxy = await startFaultyRegistry(registry);
    stops.push(proxy.close);
    let put = false;
    proxy.fault = ({ method, path }, response) => {
      if (method === "PUT") put = true;
      if (method !== "GET" || !put || !path.endsWith("/1.2.3")) return;
      response.writeHead(200, { "content-type": old.mediaType });
      response.end(JSON.stringify(old.body, null, 2));
    };
    const outcome = await lists(repository, { image: `${proxy.address}/${repository}` });
    expect(outcome).toMatchObject({ state: "failed", data: { put: [], left: ["1.2", "1"] } });
    expect(outcome.message).toMatch(
      /1\.2\.3 is not the list that was put: linux\/amd64 is sha256:\w+ instead of/,
    );
  });

  it("must keep what an interruption did not reach", async () => {
    const { repository, old } = await between();
    const proxy = await startFaultyRegistry(registry);
    stops.push(proxy.close);
    const abort = new AbortController();
    proxy.fault = ({ method }) => {
      if (method === "PUT") abort.abort();
    };
    const image = `${proxy.address}/${repository}`;
    const outcome = await lists(repository, { image, signal: abort.signal });
    expect(outcome).toMatchObject({
      state: "failed",
      failure: { code: "E_ABORTED" },
      data: { put: ["1.2.3"] },
    });
    expect(await digestOf(repository, "1.2")).toBe(old);
  });
});

describe("a registry with tokens", () => {
  it("must be asked for leave to push, and only for that", async () => {
    const tokens = await startTokenServer({ users: { me: "secret" } });
    stops.push(tokens.stop);
    const auth = { kind: "token", ...tokens } as const;
    const guarded = await startRegistry({ auth });
    stops.push(guarded.stop);
    const repository = "public/app";
    const open = await startRegistry();
    stops.push(open.stop);
    const bearer = async (scope: string) => {
      const answer = await fetch(`${tokens.realm}?scope=${scope}`, {
        headers: { authorization: `Basic ${Buffer.from("me:secret").toString("base64")}` },
      });
      return `Bearer ${((await answer.json()) as { token: string }).token}`;
    };
    const authorization = await bearer(`repository:${repository}:pull,push`);
    for (const [word, platform] of Object.entries(PLATFORMS)) {
      await pushImage({ address: guarded.address, repository, authorization }, word, imageSpec(platform));
    }
    tokens.asked.splice(0);
    const image = `${guarded.address}/${repository}`;

    const anonymous = await lists(repository, { image, context: mainBuild });
    expect(anonymous).toMatchObject({ state: "failed", failure: { code: "E_LIST" }, data: { put: [] } });
    expect(anonymous.message).toContain("refuses a push to public/app:latest (401)");
    expect(anonymous.failure?.hint).toContain("may push there");

    tokens.asked.splice(0);
    const environment = { DOCKER_USERNAME: "me", DOCKER_PASSWORD: "secret" };
    expect(await lists(repository, { image, context: mainBuild, environment })).toMatchObject({
      state: "done",
    });
    // The registry names the actions in any order, and who asks repeats what it named.
    const scopes = tokens.asked.map(
      ({ user, scope }) => `${user} ${scope.replace("push,pull", "pull,push")}`,
    );
    expect(new Set(scopes)).toEqual(
      new Set([`me repository:${repository}:pull`, `me repository:${repository}:pull,push`]),
    );

    const wrong = { DOCKER_USERNAME: "me", DOCKER_PASSWORD: "hunter2" };
    const refused = await lists(repository, { image, context: mainBuild, environment: wrong });
    expect(refused).toMatchObject({ state: "failed", failure: { code: "E_LIST" } });
    expect(JSON.stringify(refused)).toContain("rejects the credentials");
    expect(JSON.stringify(refused)).not.toContain("hunter2");
  });
});
