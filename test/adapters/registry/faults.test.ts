import { createHash } from "node:crypto";
import { createServer as createTcpServer } from "node:net";
import { describe, expect, it } from "vitest";
import { OCI_INDEX, OCI_MANIFEST } from "../../../src/core/image/index.ts";
import type { Digest } from "../../../src/core/model/index.ts";
import { client, type Handler, imageAt, startFaulty, transport, useServers } from "./support.ts";

const faulty = useServers();
const sha = (text: string): Digest => `sha256:${createHash("sha256").update(text).digest("hex")}`;
const BODY = JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] });
const good: Handler = (_request, response) => {
  response.writeHead(200, { "content-type": OCI_INDEX, "docker-content-digest": sha(BODY) }).end(BODY);
};
const status = (code: number, headers: Record<string, string> = {}): Handler => {
  return (_request, response) => {
    response.writeHead(code, headers).end("{}");
  };
};

async function failure(promise: Promise<unknown>) {
  return promise.then(
    () => expect.fail("nothing was thrown"),
    (error) => error,
  );
}

async function get(handler: Handler, timeoutMs?: number) {
  const server = await faulty(handler);
  return failure(client(timeoutMs === undefined ? {} : { timeoutMs }).manifest(imageAt(server.address), "1"));
}

describe("a good answer", () => {
  it("must be asked for with all four media types and come with its digest", async () => {
    const server = await faulty(good);
    const registry = client({});
    expect(await registry.head(imageAt(server.address), "1")).toEqual({
      digest: sha(BODY),
      mediaType: OCI_INDEX,
    });
    expect((await registry.manifest(imageAt(server.address), "1")).body).toEqual(JSON.parse(BODY));
    for (const { headers, url } of server.asked) {
      expect(url).toBe("/v2/team/app/manifests/1");
      for (const type of [
        "image.index.v1",
        "manifest.list.v2",
        "image.manifest.v1",
        "distribution.manifest.v2",
      ]) {
        expect(headers.accept).toContain(type);
      }
    }
  });

  it("without Docker-Content-Digest must be read and hashed", async () => {
    const server = await faulty((_request, response) => {
      response.writeHead(200, { "content-type": `${OCI_INDEX}; charset=utf-8` }).end(BODY);
    });
    expect(await client({}).head(imageAt(server.address), "1")).toEqual({
      digest: sha(BODY),
      mediaType: OCI_INDEX,
    });
    expect(server.asked.map(({ method }) => method)).toEqual(["HEAD", "GET"]);
  });

  it("must be read by GET where HEAD is not allowed", async () => {
    const server = await faulty((request, response, asked) => {
      if (request.method === "HEAD") status(405)(request, response, asked);
      else good(request, response, asked);
    });
    expect((await client({}).head(imageAt(server.address), "1")).digest).toBe(sha(BODY));
  });
});

describe("a refusal must be told by its kind", () => {
  it.each([
    [401, "E_REGISTRY_AUTH"],
    [403, "E_REGISTRY_AUTH"],
    [404, "E_REGISTRY_NOT_FOUND"],
    [429, "E_REGISTRY_RATE_LIMITED"],
    [500, "E_REGISTRY_UNAVAILABLE"],
    [503, "E_REGISTRY_UNAVAILABLE"],
    [400, "E_REGISTRY_PROTOCOL"],
    [204, "E_REGISTRY_PROTOCOL"],
  ])("%i is %s, for HEAD and for GET", async (code, expected) => {
    const server = await faulty(status(code));
    const image = imageAt(server.address);
    expect(await failure(client({}).manifest(image, "1"))).toMatchObject({
      code: expected,
      retry: "backoff",
    });
    expect(await failure(client({}).head(image, "1"))).toMatchObject({ code: expected });
  });

  it.each([
    ["120", 120_000],
    ["0", 0],
    ["Thu, 01 Jan 2026 00:01:00 GMT", 60_000],
    ["9999999999", 24 * 3600_000],
    ["soon", null],
  ])("Retry-After: %s must be %s ms", async (header, expected) => {
    const error = await get(status(429, { "retry-after": header, date: "Thu, 01 Jan 2026 00:00:00 GMT" }));
    expect(error).toMatchObject({ code: "E_REGISTRY_RATE_LIMITED", data: { retryAfterMs: expected } });
  });

  it("429 without Retry-After must say so", async () => {
    expect((await get(status(429))).data.retryAfterMs).toBeNull();
  });
});

describe("a damaged answer must be refused", () => {
  it("cut short", async () => {
    const error = await get((_request, response) => {
      response.writeHead(200, { "content-type": OCI_INDEX, "content-length": "5000" });
      response.write(BODY, () => response.destroy());
    });
    expect(error).toMatchObject({
      code: "E_REGISTRY_UNAVAILABLE",
      message: expect.stringMatching(/closed before/),
    });
  });

  it("announced as too long, without reading it", async () => {
    const error = await get((_request, response) => {
      response.writeHead(200, { "content-type": OCI_INDEX, "content-length": String(5 * 1024 ** 2) });
      response.write("x");
    });
    expect(error).toMatchObject({
      code: "E_REGISTRY_PROTOCOL",
      message: expect.stringMatching(/larger than/),
    });
  });

  it("endless, after 4 MiB at the latest", async () => {
    let sent = 0;
    const error = await get((_request, response) => {
      response.writeHead(200, { "content-type": OCI_INDEX });
      const more = () => {
        if (response.destroyed || sent > 64 * 1024 ** 2) return;
        sent += 65_536;
        response.write(Buffer.alloc(65_536, " "), more);
      };
      more();
    });
    expect(error).toMatchObject({
      code: "E_REGISTRY_PROTOCOL",
      message: expect.stringMatching(/larger than/),
    });
    expect(sent).toBeLessThan(32 * 1024 ** 2);
  });

  it("with other bytes than its digest", async () => {
    const error = await get((_request, response) => {
      response.writeHead(200, { "content-type": OCI_INDEX, "docker-content-digest": sha("other") }).end(BODY);
    });
    expect(error).toMatchObject({
      code: "E_DIGEST_MISMATCH",
      data: { wanted: sha("other"), found: sha(BODY) },
    });
  });

  it("with other bytes than the digest that was asked for, whatever its header says", async () => {
    const server = await faulty(good);
    const image = imageAt(server.address);
    expect(await failure(client({}).manifest(image, sha("asked")))).toMatchObject({
      code: "E_DIGEST_MISMATCH",
    });
    expect(await failure(client({}).config(image, sha("asked")))).toMatchObject({
      code: "E_DIGEST_MISMATCH",
    });
  });

  it("with a digest header that is none", async () => {
    const error = await get((_request, response) => {
      response.writeHead(200, { "docker-content-digest": "md5:abc" }).end(BODY);
    });
    expect(error).toMatchObject({ code: "E_REGISTRY_PROTOCOL" });
  });

  it("that is not JSON", async () => {
    expect(await get((_request, response) => response.end("<html>"))).toMatchObject({
      code: "E_REGISTRY_PROTOCOL",
      message: expect.stringMatching(/not JSON/),
    });
  });
});

describe("a registry that does not answer must not be waited for", () => {
  const slow = { code: "E_REGISTRY_UNAVAILABLE", message: expect.stringMatching(/in time/) };
  it("silent", async () => {
    expect(await get(() => {}, 100)).toMatchObject(slow);
  });
  it("sending for ever", async () => {
    const drip: Handler = (_request, response) => {
      response.writeHead(200, { "content-type": OCI_MANIFEST });
      const timer = setInterval(() => response.write(" "), 10);
      response.on("close", () => clearInterval(timer));
    };
    expect(await get(drip, 150)).toMatchObject(slow);
  });
  it("not there", async () => {
    const server = await startFaulty(good);
    await server.stop();
    const error = await failure(client({}).head(imageAt(server.address), "1"));
    expect(error).toMatchObject({
      code: "E_REGISTRY_UNAVAILABLE",
      message: expect.stringMatching(/refused/),
    });
  });
  it("speaking something else", async () => {
    const tcp = createTcpServer((socket) => {
      socket.resume();
      socket.end("220 ready\r\n");
    });
    await new Promise<void>((resolve) => tcp.listen(0, "127.0.0.1", resolve));
    const address = tcp.address();
    const port = typeof address === "object" ? address?.port : 0;
    const error = await failure(client({}).head(imageAt(`127.0.0.1:${port}`), "1"));
    await new Promise((resolve) => tcp.close(resolve));
    expect(error).toMatchObject({ code: "E_REGISTRY_UNAVAILABLE", message: expect.stringMatching(/HTTP/) });
  });
  it("without a name in DNS", async () => {
    const error = await failure(client({}).head(imageAt("registry.invalid"), "1"));
    expect(error).toMatchObject({ code: "E_REGISTRY_UNAVAILABLE", message: expect.stringMatching(/DNS/) });
  });
});

describe("redirects", () => {
  const to = (location: string): Handler => status(307, { location });

  it("must be followed to another origin, without Authorization there", async () => {
    const other = await faulty(good);
    const server = await faulty(to(`http://${other.address}/elsewhere`));
    const secret = { authorization: "Basic secret" };
    const answer = await transport()({
      host: "x",
      url: `http://${server.address}/v2/`,
      method: "GET",
      headers: secret,
      timeoutMs: 5_000,
      maxBytes: 10_000,
    });
    expect(answer.body.toString()).toBe(BODY);
    expect(server.asked[0]?.headers.authorization).toBe("Basic secret");
    expect(other.asked[0]?.url).toBe("/elsewhere");
    expect(other.asked[0]?.headers.authorization).toBeUndefined();
  });

  it("back from another origin must not bring Authorization back", async () => {
    const other = await faulty(good);
    const server = await faulty((request, response, asked) => {
      if (request.url === "/end") good(request, response, asked);
      else to(`http://${other.address}/`)(request, response, asked);
    });
    other.handler = to(`http://${server.address}/end`);
    const request = { host: "x", method: "GET", timeoutMs: 5_000, maxBytes: 10_000 } as const;
    await transport()({
      ...request,
      url: `http://${server.address}/`,
      headers: { authorization: "Basic secret" },
    });
    expect(server.asked.map(({ headers }) => headers.authorization)).toEqual(["Basic secret", undefined]);
  });

  it("in a circle must end", async () => {
    const server = await faulty(to("/v2/team/app/manifests/1"));
    const error = await failure(client({}).head(imageAt(server.address), "1"));
    expect(error).toMatchObject({ code: "E_REGISTRY_PROTOCOL", message: expect.stringMatching(/redirects/) });
    expect(server.asked.length).toBe(6);
  });

  it.each(["file:///etc/passwd", "http://", ""])("to %j must be refused", async (location) => {
    expect(await get(to(location))).toMatchObject({ code: "E_REGISTRY_PROTOCOL" });
  });

  it("without a Location must be refused", async () => {
    expect(await get(status(302))).toMatchObject({ code: "E_REGISTRY_PROTOCOL" });
  });
});
