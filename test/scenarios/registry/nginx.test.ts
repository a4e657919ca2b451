// What stands between a board and a registry on the way: limits, slow lines, broken and redirecting proxies, all by a real
// nginx before a real registry.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseReference } from "../../../src/core/image/index.ts";
import { type RunningNginx, startNginx } from "../../lab/nginx.ts";
import { pushImage } from "../../lab/push.ts";
import { type RunningRegistry, startRegistry } from "../../lab/registry.ts";
import { login, registryClient, resolveOne, resolverOn } from "./support.ts";

const REPOSITORIES = ["busy", "told", "low", "slow", "broken", "cut", "moved", "loop", "plain"] as const;

let registry: RunningRegistry;
let far: RunningNginx;
let near: RunningNginx;
const digests = new Map<string, string>();

beforeAll(async () => {
  registry = await startRegistry();
  const pass = `proxy_pass http://${registry.address}; proxy_set_header Host $host;`;
  // Where blobs and manifests are moved to: whoever brings a login there has given it away.
  far = await startNginx({ server: `if ($http_authorization) { return 418; } location / { ${pass} }` });
  const left = (remaining: number) =>
    `add_header ratelimit-limit "100;w=21600" always; add_header ratelimit-remaining "${remaining};w=21600" always;`;
  near = await startNginx({
    http: "limit_req_zone $binary_remote_addr zone=busy:1m rate=1r/m; limit_req_status 429;",
    server: [
      `location /v2/busy/ { limit_req zone=busy; ${pass} }`,
      `location /v2/told/ { add_header Retry-After 90 always; return 429; }`,
      `location /v2/low/ { ${left(7)} ${pass} }`,
      `location /v2/slow/ { limit_rate 20; ${pass} }`,
      `location /v2/broken/ { sub_filter_types *; sub_filter_once off; sub_filter arm64 amd64; ${pass} }`,
      `location /v2/moved/ { add_header WWW-Authenticate 'Basic realm="x"' always;`,
      `if ($http_authorization = "") { return 401; } return 307 http://${far.address}$request_uri; }`,
      "location /v2/loop/ { return 302 $request_uri; }",
      `location / { ${pass} }`,
    ].join("\n"),
  });
  for (const repository of REPOSITORIES) {
    const spec = { platform: "linux/arm64", layers: [repository] };
    const target = { address: registry.address, repository: `${repository}/app` };
    digests.set(repository, (await pushImage(target, "1", spec)).digest);
  }
});
afterAll(async () => {
  await near?.stop();
  await far?.stop();
  await registry?.stop();
});

const named = (repository: string) => `${near.address}/${repository}/app:1`;
const resolve = (repository: string, client = registryClient(), force = false) =>
  resolveOne(resolverOn(client), named(repository), "linux/arm64", force);

describe("a registry behind nginx", () => {
  it("must be read like any other", async () => {
    expect(await resolve("plain")).toMatchObject({ image: { platformDigest: digests.get("plain") } });
  });

  it("that limits requests for real must be held, and left alone for a while", async () => {
    const resolver = resolverOn(registryClient());
    const held = await resolveOne(resolver, named("busy"), "linux/arm64");
    expect(held).toMatchObject({ kind: "held", reason: "RateLimited" });
    const wait = held.kind === "held" ? (held.retryAfterMs ?? 0) : 0;
    expect(wait).toBeGreaterThan(50_000);
    const other = await resolveOne(resolver, named("plain"), "linux/arm64", true);
    expect(other).toMatchObject({ kind: "held", reason: "RateLimited" });
  });

  it("that says Retry-After must be left alone for that long", async () => {
    const held = await resolve("told");
    expect(held).toMatchObject({ kind: "held", reason: "RateLimited" });
    const wait = held.kind === "held" ? (held.retryAfterMs ?? 0) : 0;
    expect(wait).toBeGreaterThan(85_000);
    expect(wait).toBeLessThanOrEqual(90_000);
  });

  it("that gives hardly any more must be held for the schedule, and read for a person", async () => {
    const client = registryClient();
    const resolver = resolverOn(client);
    expect(await resolveOne(resolver, named("low"), "linux/arm64")).toMatchObject({
      kind: "held",
      reason: "RateLimited",
      message: expect.stringContaining("gives 7 more of 100 pulls in 6 h"),
    });
    expect(client.limits()).toMatchObject([{ host: near.address, remaining: 7 }]);
    expect(await resolveOne(resolver, named("low"), "linux/arm64", true)).toMatchObject({
      image: { platformDigest: digests.get("low") },
    });
  });

  it("on a slow line must be given up after the timeout", async () => {
    const client = registryClient(null, { timeoutMs: 1_000 });
    expect(await resolve("slow", client)).toMatchObject({
      kind: "held",
      reason: "RegistryUnavailable",
      message: expect.stringContaining("in time"),
    });
  });

  it("that changes what passes must be caught by the digest", async () => {
    expect(await resolve("broken")).toMatchObject({
      kind: "held",
      reason: "RegistryUnavailable",
      message: expect.stringContaining("sent other bytes"),
    });
  });

  it("that moves elsewhere must be followed, without the login", async () => {
    const client = registryClient(login("me", "secret"));
    expect(await client.head(parseReference(named("moved")), "1")).toMatchObject({
      digest: digests.get("moved"),
    });
    expect(await resolve("moved", client)).toMatchObject({ kind: "pinned" });
  });

  it("that leads in a circle must be held", async () => {
    expect(await resolve("loop")).toMatchObject({
      kind: "held",
      message: expect.stringContaining("redirects"),
    });
  });
});
