import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { OCI_INDEX } from "../../../src/core/image/index.ts";
import type { Digest } from "../../../src/core/model/index.ts";
import type { Credentials } from "../../../src/ports/index.ts";
import { client, type Handler, imageAt, login, testClock, useServers } from "./support.ts";

const BODY = JSON.stringify({ manifests: [] });
const DIGEST: Digest = `sha256:${createHash("sha256").update(BODY).digest("hex")}`;
const good: Handler = (_request, response) => {
  response.writeHead(200, { "content-type": OCI_INDEX, "docker-content-digest": DIGEST }).end(BODY);
};
const status =
  (code: number): Handler =>
  (_request, response) =>
    response.writeHead(code).end("{}");

const serve = useServers();

/** Mirrors of `reg.example`, in their order. */
async function mirrored(...handlers: readonly Handler[]) {
  const servers = await Promise.all(handlers.map(serve));
  const clock = testClock();
  const asked: string[] = [];
  const credentials: Credentials = {
    forRegistry: async (host) => {
      asked.push(host);
      return login("me", "pw");
    },
  };
  const mirrors = { "reg.example": servers.map(({ address }) => `http://${address}`) };
  const registry = client({ mirrors, clock, credentials });
  return { servers, clock, asked, copies: registry.copies, image: imageAt("reg.example") };
}

describe("mirrors", () => {
  it("must be asked for heads, manifests and configs by the registry's own paths", async () => {
    const { copies, image, servers } = await mirrored(good);
    expect(await copies.head(image, "1")).toEqual({ digest: DIGEST, mediaType: OCI_INDEX });
    expect((await copies.manifest(image, DIGEST))?.body).toEqual(JSON.parse(BODY));
    expect(await copies.config(image, DIGEST)).toEqual(JSON.parse(BODY));
    expect(servers[0]?.asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "HEAD /v2/team/app/manifests/1",
      `GET /v2/team/app/manifests/${DIGEST}`,
      `GET /v2/team/app/blobs/${DIGEST}`,
    ]);
  });

  it("must be none for another registry", async () => {
    const { copies, servers } = await mirrored(good);
    expect([copies.exist("reg.example"), copies.exist("ghcr.io"), copies.exist("constructor")]).toEqual([
      true,
      false,
      false,
    ]);
    expect(await copies.head(imageAt("ghcr.io"), "1")).toBeNull();
    expect(servers[0]?.asked).toEqual([]);
  });

  it("must be logged in to with their own credentials, never the registry's", async () => {
    const { copies, image, asked, servers } = await mirrored(good);
    await copies.head(image, "1");
    expect(asked).toEqual([servers[0]?.address]);
  });

  it.each([
    ["does not have it", status(404)],
    ["fails", status(500)],
    ["wants a login", status(401)],
    ["limits", status(429)],
    ["lies about a digest", ((_request, response) => response.writeHead(200).end("{}")) as Handler],
  ])("must give way to the next one, and then to the registry, when one %s", async (_, handler) => {
    const two = await mirrored(handler, good);
    expect((await two.copies.manifest(two.image, DIGEST))?.digest).toBe(DIGEST);
    const one = await mirrored(handler);
    expect(await one.copies.manifest(one.image, DIGEST)).toBeNull();
  });

  it("must be left alone for a minute after a failure, but not after an image they do not have", async () => {
    const { copies, image, clock, servers } = await mirrored(status(500));
    const seen = () => servers[0]?.asked.length;
    await copies.head(image, "1");
    await copies.head(image, "2");
    expect(seen()).toBe(1);
    clock.advance(60_000);
    const [server] = servers;
    if (server !== undefined) server.handler = status(404);
    await copies.head(image, "1");
    await copies.head(image, "1");
    expect(seen()).toBe(3);
  });
});

it("a mirror that is reached plainly must not see a login, unless it is called safe", async () => {
  const { mirrorEndpoint } = await import("../../../src/adapters/registry/endpoint.ts");
  const mayLogIn = (origin: string) => mirrorEndpoint(origin, ["safe.lan", "10.0.0.2:5000"]).mayLogIn;
  expect(mayLogIn("https://mirror.lan:5000")).toBe(true);
  expect(mayLogIn("http://mirror.lan:5000")).toBe(false);
  expect(mayLogIn("http://safe.lan:5000")).toBe(true);
  expect(mayLogIn("http://10.0.0.2:5000")).toBe(true);
  expect(mayLogIn("http://127.0.0.1:5000")).toBe(true);
});
