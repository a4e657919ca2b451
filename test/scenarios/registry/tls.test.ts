// Registries with a certificate of one's own, on IPv6, and behind mirrors: all of them real.
import { mkdtemp, rm } from "node:fs/promises";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Authority, makeAuthority } from "../../lab/certificates.ts";
import { pushImage } from "../../lab/push.ts";
import { type RunningRegistry, startRegistry } from "../../lab/registry.ts";
import { countingProxy, registryClient, resolveOne, resolverOn } from "./support.ts";

/** An address of this machine that is not loopback, which would be spoken to plainly. */
const own = Object.values(networkInterfaces())
  .flatMap((list) => list ?? [])
  .find(({ family, internal }) => family === "IPv4" && !internal)?.address;

const open: { stop(): Promise<void> }[] = [];
let authority: Authority;
let data = "";
let plain: RunningRegistry;
let digest: string;

beforeAll(async () => {
  authority = await makeAuthority();
  data = await mkdtemp(join(tmpdir(), "boardhand-images-"));
  plain = await startRegistry({ data });
  open.push(plain);
  ({ digest } = await pushImage({ address: plain.address, repository: "app" }, "1", {
    platform: "linux/arm64",
  }));
});
afterAll(async () => {
  for (const one of open.splice(0).reverse()) await one.stop();
  await authority?.remove();
  await rm(data, { recursive: true });
});

async function startTls(host: string): Promise<RunningRegistry> {
  const registry = await startRegistry({ data, host, tls: await authority.issue([host, "localhost"]) });
  open.push(registry);
  return registry;
}

describe("a registry with a certificate of one's own", () => {
  it.skipIf(own === undefined)(
    "must be held, and be read once registries.ca names who signed it",
    async () => {
      const { address } = await startTls(own ?? "");
      const reference = `${address}/app:1`;
      expect(await resolveOne(resolverOn(registryClient()), reference, "linux/arm64")).toMatchObject({
        kind: "held",
        reason: "RegistryUnavailable",
        message: expect.stringContaining("signed by somebody unknown"),
      });
      const client = registryClient(null, { ca: { [address]: authority.ca } });
      expect(await resolveOne(resolverOn(client), reference, "linux/arm64")).toMatchObject({
        image: { name: `${address}/app`, platformDigest: digest },
      });
    },
  );
});

it("a registry on an IPv6 address must be read", async () => {
  const registry = await startRegistry({ data, host: "[::1]" });
  open.push(registry);
  expect(registry.address).toMatch(/^\[::1\]:\d+$/);
  expect(
    await resolveOne(resolverOn(registryClient()), `${registry.address}/app:1`, "linux/arm64"),
  ).toMatchObject({ image: { name: `${registry.address}/app`, platformDigest: digest } });
});

describe("a mirror with a certificate of one's own", () => {
  it("must give everything to a board that cannot reach Docker Hub, under Docker Hub's name", async () => {
    await pushImage({ address: plain.address, repository: "library/web" }, "1", { platform: "linux/arm64" });
    const { address } = await startTls("127.0.0.1");
    const port = address.split(":")[1];
    const mirror = `localhost:${port}`;
    const reach = {
      mirrors: { "reg.invalid": [`https://${mirror}`] },
      ca: { [mirror]: authority.ca },
    };
    const client = registryClient(null, reach);
    expect(await resolveOne(resolverOn(client), "reg.invalid/library/web:1", "linux/arm64")).toMatchObject({
      image: { name: "reg.invalid/library/web" },
    });
  });

  it("that lags behind must not take the board back, and must not be missed when it is down", async () => {
    const [origin, copy] = [await startRegistry(), await startRegistry()];
    open.push(origin);
    const at = (address: string) => ({ address, repository: "app" });
    const spec = (layer: string) => ({ platform: "linux/arm64", layers: [layer] });
    const older = await pushImage(at(copy.address), "1", spec("older"));
    const newer = await pushImage(at(origin.address), "1", spec("newer"));
    const seen = await countingProxy(origin.address);
    open.push(seen);
    const client = registryClient(null, { mirrors: { [seen.address]: [`http://${copy.address}`] } });
    const resolver = resolverOn(client);
    const look = () => resolveOne(resolver, `${seen.address}/app:1`, "linux/arm64");
    for (let n = 0; n < 2; n++)
      expect(await look()).toMatchObject({ image: { platformDigest: newer.digest } });
    expect(newer.digest).not.toBe(older.digest);
    await pushImage(at(copy.address), "1", spec("newer"));
    seen.seen.length = 0;
    expect(await look()).toMatchObject({ image: { platformDigest: newer.digest } });
    expect(seen.seen).toEqual([]);
    await copy.stop();
    expect(await look()).toMatchObject({ image: { platformDigest: newer.digest } });
    expect(seen.seen).toEqual(["HEAD /v2/app/manifests/1"]);
  });
});
