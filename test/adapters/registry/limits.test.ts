import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { OCI_INDEX } from "../../../src/core/image/index.ts";
import { client, holder, imageAt, login, testClock, useServers } from "./support.ts";

const BODY = JSON.stringify({ manifests: [] });
const DIGEST = `sha256:${createHash("sha256").update(BODY).digest("hex")}`;
const HUB = {
  "ratelimit-limit": "100;w=21600",
  "ratelimit-remaining": "76;w=21600",
  "docker-ratelimit-source": "192.0.2.7",
};

const serve = useServers();

/** A registry that sends `said.headers` with everything. */
async function limited(headers: Readonly<Record<string, string>> = HUB, status = 200) {
  const said = { headers, status };
  const server = await serve((_request, response) => {
    const own = { "content-type": OCI_INDEX, "docker-content-digest": DIGEST };
    response.writeHead(said.status, { ...own, ...said.headers }).end(BODY);
  });
  return { server, said, image: imageAt(server.address) };
}

describe("what a registry says it still gives", () => {
  it.each(["HEAD", "GET"])("must be heard with %s", async (method) => {
    const { server, image } = await limited();
    const clock = testClock();
    const registry = client({ clock });
    if (method === "HEAD") await registry.head(image, "1");
    else await registry.manifest(image, "1");
    expect(registry.limits()).toEqual([
      {
        host: server.address,
        limit: 100,
        remaining: 76,
        windowSeconds: 21_600,
        source: "192.0.2.7",
        seenAt: clock.now(),
      },
    ]);
  });

  it("must be heard with a refusal too", async () => {
    const { image } = await limited({ ...HUB, "ratelimit-remaining": "0;w=21600" }, 429);
    const registry = client({});
    await registry.head(image, "1").catch(() => undefined);
    expect(registry.limits()).toMatchObject([{ remaining: 0 }]);
  });

  it("must be the last word, kept for each registry", async () => {
    const [first, second] = await Promise.all([limited(), limited()]);
    const registry = client({});
    await registry.head(first.image, "1");
    await registry.head(second.image, "1");
    first.said.headers = { ...HUB, "ratelimit-remaining": "75;w=21600" };
    await registry.head(first.image, "1");
    const remaining = new Map(registry.limits().map((limit) => [limit.host, limit.remaining]));
    expect(remaining).toEqual(
      new Map([
        [first.server.address, 75],
        [second.server.address, 76],
      ]),
    );
  });

  it("must be forgotten after its window, by the monotonic clock", async () => {
    const { image } = await limited();
    const clock = testClock();
    const registry = client({ clock });
    await registry.head(image, "1");
    clock.advance(21_599_000);
    expect(registry.limits()).toHaveLength(1);
    clock.advance(2_000);
    expect(registry.limits()).toEqual([]);
  });

  it("must stand when another image is not counted, and fall with another login", async () => {
    const { said, image } = await limited();
    const credentials = holder(null);
    const registry = client({ credentials });
    await registry.head(image, "1");
    said.headers = {};
    await registry.head(image, "2");
    expect(registry.limits()).toHaveLength(1);
    credentials.current = login("me", "pw");
    await registry.head(image, "1");
    expect(registry.limits()).toEqual([]);
  });

  it.each([
    ["no headers", {}],
    ["only one", { "ratelimit-limit": "100;w=21600" }],
    ["words", { ...HUB, "ratelimit-remaining": "plenty" }],
    ["a negative number", { ...HUB, "ratelimit-remaining": "-1" }],
    ["a number without end", { ...HUB, "ratelimit-limit": "9".repeat(40) }],
  ])("must be nothing for %s", async (_, headers) => {
    const { image } = await limited(headers);
    const registry = client({});
    await registry.head(image, "1");
    expect(registry.limits()).toEqual([]);
  });

  it("must be for six hours where no window is said", async () => {
    const { image } = await limited({ "ratelimit-limit": "200", "ratelimit-remaining": "199" });
    const registry = client({});
    await registry.head(image, "1");
    expect(registry.limits()).toMatchObject([
      { limit: 200, remaining: 199, windowSeconds: 21_600, source: null },
    ]);
  });
});
