// Manifest lists, made on real registries and pulled by a real engine 20.10, which is the hardest to please.
import { describe, expect, inject, it } from "vitest";
import { DOCKER_LIST, OCI_INDEX, OCI_MANIFEST } from "../../../src/core/image/index.ts";
import { startFaultyRegistry } from "../../lab/faulty-registry.ts";
import { attestationFor, pushImage, pushIndex } from "../../lab/push.ts";
import { aarch64, amd64, armhf, rowOf } from "../../pipeline/rows.ts";
import { pushed, registry, useLists } from "./list-lab.ts";
import { imageSpec, mainBuild, taggedBuild } from "./registry-lab.ts";

const { stops, docker, newRepository, lists, manifestOf, digestOf } = useLists("pipeline-list");

/** What the engine has after it pulled the one tag for a platform. */
async function pulled(image: string, platform: string): Promise<string> {
  await docker("pull", "--quiet", "--platform", platform, image);
  const inspected = await docker("image", "inspect", "--format", "{{.Architecture}}/{{.Variant}}", image);
  await docker("image", "rm", image);
  return inspected;
}

describe("the lists of a release", () => {
  it("must be one for each of its tags, from which an engine pulls each architecture", async () => {
    const repository = newRepository();
    await pushed(repository, ["1.2.3", "1.2", "1"]);
    const outcome = await lists(repository);
    expect(outcome).toMatchObject({
      stage: "manifest",
      arch: null,
      state: "done",
      message: `${registry}/${repository}:1.2.3, 1.2, 1`,
      data: { put: ["1.2.3", "1.2", "1"], unchanged: [], held: [], left: [] },
    });
    const image = `${registry}/${repository}:1`;
    expect(await pulled(image, "linux/amd64")).toBe("amd64/");
    expect(await pulled(image, "linux/arm/v7")).toBe("arm/v7");
    expect(await pulled(image, "linux/arm64")).toBe("arm64/");
    expect(await pulled(image, "linux/arm64/v8")).toBe("arm64/");
    const inspected = JSON.parse(await docker("manifest", "inspect", "--insecure", image));
    expect(inspected.mediaType).toBe(DOCKER_LIST);
    expect(inspected.manifests.map(({ platform }: { platform: object }) => platform)).toEqual([
      { architecture: "amd64", os: "linux" },
      { architecture: "arm", os: "linux", variant: "v7" },
      { architecture: "arm64", os: "linux" },
    ]);
    expect(await digestOf(repository, "1.2.3")).toBe((outcome.data.lists as Record<string, string>)["1.2.3"]);
  });

  it("must be an OCI index where that is wanted, with OCI images in it", async () => {
    const repository = newRepository();
    await pushed(repository, ["latest"], { format: "oci" });
    const outcome = await lists(repository, { context: mainBuild, list: "oci" });
    expect(outcome).toMatchObject({ state: "done", data: { put: ["latest"] } });
    expect(outcome.text).not.toContain("format");
    const { mediaType, body } = await manifestOf(repository, "latest");
    expect(mediaType).toBe(OCI_INDEX);
    expect(body.manifests.map((entry) => entry.mediaType)).toEqual(Array(3).fill(OCI_MANIFEST));
    const image = `${registry}/${repository}:latest`;
    expect(await pulled(image, "linux/arm/v7")).toBe("arm/v7");
    expect(await pulled(image, "linux/arm64")).toBe("arm64/");
  });

  it.each([
    ["docker", "oci"],
    ["oci", "docker"],
  ] as const)("must work as a %s list with %s images too, and warn", async (list, format) => {
    const repository = newRepository();
    await pushed(repository, ["latest"], { format });
    const outcome = await lists(repository, { context: mainBuild, list });
    expect(outcome.state).toBe("done");
    expect(outcome.text).toContain("which some registries refuse");
    expect(await pulled(`${registry}/${repository}:latest`, "linux/arm/v7")).toBe("arm/v7");
  });

  it("must have the lowest ARM first, which engine 20.10 takes where none fits exactly", async () => {
    const repository = newRepository();
    const target = { address: registry, repository };
    await pushImage(target, "armhf", imageSpec("linux/arm/v7"));
    await pushImage(target, "pi", imageSpec("linux/arm/v6"));
    const matrix = [armhf, rowOf("pi", "linux/arm/v6")];
    expect(await lists(repository, { context: mainBuild, matrix })).toMatchObject({ state: "done" });
    // Later ones know that v7 runs there too, and is better.
    const first = inject("engineApi") === 41 ? "arm/v6" : "arm/v7";
    expect(await pulled(`${registry}/${repository}:latest`, "linux/arm/v8")).toBe(first);
    expect(await pulled(`${registry}/${repository}:latest`, "linux/arm/v7")).toBe("arm/v7");
  });

  it("must say the variant of the matrix where an image leaves it out", async () => {
    const repository = newRepository();
    const target = { address: registry, repository };
    await pushImage(target, "armhf", imageSpec("linux/arm/v7", { withoutVariant: true }));
    const pi = rowOf("pi", "linux/arm/v6");
    await pushImage(target, "pi", imageSpec("linux/arm/v6", { withoutVariant: true, layers: ["v6"] }));
    expect(await lists(repository, { context: mainBuild, matrix: [armhf, pi] })).toMatchObject({
      state: "done",
    });
    const { body } = await manifestOf(repository, "latest");
    expect(body.manifests.map(({ platform }) => platform)).toEqual([
      { architecture: "arm", os: "linux", variant: "v6" },
      { architecture: "arm", os: "linux", variant: "v7" },
    ]);
  });

  it("must take the image of a platform out of what somebody else pushes as a list", async () => {
    const repository = newRepository();
    const target = { address: registry, repository };
    await pushed(repository, ["latest"]);
    const theirs = await pushImage(target, null, {
      platform: "linux/amd64",
      format: "oci",
      layers: ["theirs"],
    });
    const note = await pushImage(target, null, { platform: null, format: "oci", layers: ["attestation"] });
    await pushIndex(target, "theirs", [{ image: theirs }, attestationFor(theirs, note)]);
    // No commit is asked of it: it is not from here.
    const row = { ...amd64, push: false, tags: { version: "{version}", latest: "theirs" } };
    const outcome = await lists(repository, { context: mainBuild, matrix: [row, armhf, aarch64] });
    expect(outcome).toMatchObject({ state: "done" });
    const { body } = await manifestOf(repository, "latest");
    expect(body.manifests).toHaveLength(3);
    expect(body.manifests[0]).toMatchObject({ digest: theirs.digest, platform: { architecture: "amd64" } });
  });

  it("must stand beside somebody else's image of the same tag, again and again", async () => {
    const repository = newRepository();
    const target = { address: registry, repository };
    await pushed(repository, ["latest"]);
    const row = { ...amd64, push: false, tags: { version: "{version}", latest: "latest" } };
    const options = { context: mainBuild, matrix: [row, armhf, aarch64] };
    await pushImage(target, "latest", imageSpec("linux/amd64", { layers: ["hub built this"] }));
    expect(await lists(repository, options)).toMatchObject({ state: "done", data: { put: ["latest"] } });
    expect(await lists(repository, options)).toMatchObject({
      state: "done",
      data: { unchanged: ["latest"] },
    });
    await pushImage(target, "latest", imageSpec("linux/amd64", { layers: ["hub built that"] }));
    expect(await lists(repository, options)).toMatchObject({ state: "done", data: { put: ["latest"] } });
    expect((await manifestOf(repository, "latest")).body.manifests).toHaveLength(3);
  });

  it("must be left alone by a second run, without a single PUT", async () => {
    const repository = newRepository();
    await pushed(repository, ["1.2.3", "1.2", "1"]);
    const proxy = await startFaultyRegistry(registry);
    stops.push(proxy.close);
    const image = `${proxy.address}/${repository}`;
    const first = await lists(repository, { image });
    const puts = () => proxy.asked.filter(({ method }) => method === "PUT").map(({ path }) => path);
    expect(puts()).toEqual(["1.2.3", "1.2", "1"].map((tag) => `/v2/${repository}/manifests/${tag}`));
    const again = await lists(repository, { image });
    expect(again).toMatchObject({
      state: "done",
      message: "1.2.3, 1.2, 1 unchanged",
      data: { put: [], lists: first.data.lists },
    });
    expect(puts()).toHaveLength(3);
  });

  it("must not be made where none is wanted, or there is no release", async () => {
    expect(await lists("pipeline-list/none", { list: "none" })).toMatchObject({ state: "skipped" });
    const branch = { ...mainBuild, branch: "feature" };
    expect(await lists("pipeline-list/none", { context: branch })).toMatchObject({ state: "skipped" });
  });
});

describe("a later release", () => {
  it("must keep the tags that are its own", async () => {
    const repository = newRepository();
    await pushed(repository, ["1.3.0", "1.3", "1"], { version: "1.3.0" });
    expect(await lists(repository, { context: taggedBuild("v1.3.0") })).toMatchObject({ state: "done" });
    const one = await digestOf(repository, "1");
    await pushed(repository, ["1.2.9", "1.2"], { version: "1.2.9" });
    const older = await lists(repository, { context: taggedBuild("v1.2.9") });
    expect(older).toMatchObject({ state: "done", data: { put: ["1.2.9", "1.2"], held: ["1"] } });
    expect(older.text).toContain("1 stays at 1.3.0, which is later than 1.2.9");
    expect(await digestOf(repository, "1")).toBe(one);
    await pushed(repository, ["1.3.1", "1.3", "1"], { version: "1.3.1" });
    expect(await lists(repository, { context: taggedBuild("v1.3.1") })).toMatchObject({
      data: { put: ["1.3.1", "1.3", "1"], held: [] },
    });
    expect(await digestOf(repository, "1")).not.toBe(one);
  });
});
