import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requestKey } from "../../../src/reconcile/resolve/index.ts";
import { attestationFor, pushImage, pushIndex } from "../../lab/push.ts";
import { type RunningRegistry, startRegistry } from "../../lab/registry.ts";
import {
  board,
  type CountingProxy,
  countingProxy,
  registryClient,
  resolveOne,
  resolverOn,
} from "./support.ts";

let registry: RunningRegistry;
let proxy: CountingProxy;
beforeAll(async () => {
  registry = await startRegistry();
  proxy = await countingProxy(registry.address);
});
afterAll(async () => {
  await proxy?.stop();
  await registry?.stop();
});
const target = (repository: string) => ({ address: registry.address, repository });

async function pushThree(repository: string, tag: string, format: "oci" | "docker") {
  const spec = (platform: string) => ({ platform, format, layers: [`${repository} ${tag} ${platform}`] });
  const amd64 = await pushImage(target(repository), null, spec("linux/amd64"));
  const arm64 = await pushImage(target(repository), null, spec("linux/arm64"));
  const v7 = await pushImage(target(repository), null, spec("linux/arm/v7"));
  const images = [{ image: amd64 }, { image: arm64 }, { image: v7 }];
  const index = await pushIndex(
    target(repository),
    tag,
    format === "oci" ? [...images, attestationFor(v7, amd64)] : images,
    format,
  );
  return { amd64, arm64, v7, index };
}

describe("a real registry's list must give every board its own image", () => {
  it.each(["oci", "docker"] as const)("%s", async (format) => {
    const pushed = await pushThree(`lists/${format}`, "1", format);
    const reference = `${registry.address}/lists/${format}:1`;
    const boards = [
      ["linux/amd64", pushed.amd64],
      ["linux/arm64", pushed.arm64],
      ["linux/arm/v7", pushed.v7],
      ["linux/arm/v8", pushed.v7],
    ] as const;
    for (const [platform, image] of boards) {
      expect(await resolveOne(resolverOn(registryClient()), reference, platform)).toMatchObject({
        kind: "pinned",
        image: {
          indexDigest: pushed.index.digest,
          platformDigest: image.digest,
          configDigest: image.configDigest,
          layers: image.layers,
        },
      });
    }
    expect(await resolveOne(resolverOn(registryClient()), reference, "linux/arm/v6")).toMatchObject({
      kind: "held",
      reason: "ArchitectureMissing",
      message: expect.stringContaining("it has linux/amd64, linux/arm/v7, linux/arm64"),
    });
  });
});

it("ten services of one image must cost one HEAD a round when nothing moved, and no GET", async () => {
  await pushThree("ten", "1", "oci");
  const resolver = resolverOn(registryClient());
  const reference = `${proxy.address}/ten:1`;
  const requests = Array.from({ length: 10 }, () => ({ reference, platform: null }));
  await resolver.resolve(requests, board("linux/arm/v7"), { refresh: true });
  expect(proxy.seen.map((line) => line.split(" ")[0])).toEqual(["HEAD", "GET", "GET", "GET"]);
  proxy.seen.length = 0;
  const found = await resolver.resolve(requests, board("linux/arm/v7"), { refresh: true });
  expect(found.get(requestKey(reference, null))?.kind).toBe("pinned");
  expect(proxy.seen).toEqual(["HEAD /v2/ten/manifests/1"]);
});

it("a list that moved for others only must give the same platform digest", async () => {
  const before = await pushThree("moved", "1", "oci");
  const resolver = resolverOn(registryClient());
  const reference = `${registry.address}/moved:1`;
  await resolveOne(resolver, reference, "linux/arm/v7");
  const amd64 = await pushImage(target("moved"), null, { platform: "linux/amd64", layers: ["new"] });
  const index = await pushIndex(target("moved"), "1", [{ image: amd64 }, { image: before.v7 }]);
  expect(await resolveOne(resolver, reference, "linux/arm/v7")).toMatchObject({
    image: { indexDigest: index.digest, platformDigest: before.v7.digest },
  });
});

it("a per-architecture tag beside an amd64 one must be found, and a lying one passed over", async () => {
  await pushImage(target("tags"), "latest", { platform: "linux/amd64" });
  await pushImage(target("tags"), "arm32v7", { platform: "linux/amd64", layers: ["lie"] });
  const armhf = await pushImage(target("tags"), "armhf", { platform: "linux/arm/v7" });
  expect(
    await resolveOne(resolverOn(registryClient()), `${registry.address}/tags`, "linux/arm/v7"),
  ).toMatchObject({
    kind: "pinned",
    image: { tag: "armhf", platformDigest: armhf.digest },
  });
  expect(
    await resolveOne(resolverOn(registryClient()), `${registry.address}/tags`, "linux/arm64"),
  ).toMatchObject({
    kind: "held",
    reason: "ArchitectureMismatch",
    message: expect.stringContaining("built for linux/amd64"),
  });
});

it("a tag that is not there must be held as ImageNotFound", async () => {
  const reference = `${registry.address}/tags:none`;
  expect(await resolveOne(resolverOn(registryClient()), reference, "linux/amd64")).toMatchObject({
    kind: "held",
    reason: "ImageNotFound",
  });
});

it("a registry that goes away and comes back must be held in between and found again", async () => {
  const own = await startRegistry();
  const port = Number(own.address.split(":")[1]);
  const where = { address: own.address, repository: "app" };
  const { digest } = await pushImage(where, "1", { platform: "linux/arm64" });
  const resolver = resolverOn(registryClient());
  const reference = `${own.address}/app:1`;
  expect(await resolveOne(resolver, reference, "linux/arm64")).toMatchObject({ kind: "pinned" });
  await own.stop();
  expect(await resolveOne(resolver, reference, "linux/arm64")).toMatchObject({
    kind: "held",
    reason: "RegistryUnavailable",
    message: expect.stringContaining("refused"),
    last: { platformDigest: digest },
  });
  const back = await startRegistry({ port });
  try {
    await pushImage({ address: back.address, repository: "app" }, "1", { platform: "linux/arm64" });
    const fresh = resolverOn(registryClient());
    expect(await resolveOne(fresh, reference, "linux/arm64")).toMatchObject({
      image: { platformDigest: digest },
    });
  } finally {
    await back.stop();
  }
});
