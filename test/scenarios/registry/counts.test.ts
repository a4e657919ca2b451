// What a look that finds nothing new costs a real registry: one HEAD an image, no GET, no token while one is valid. With
// REQUEST_COUNTS=FILE what was counted is written there, for docs/reference/performance.md (make bench-requests).
import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pushImage } from "../../lab/push.ts";
import { type RunningRegistry, startRegistry } from "../../lab/registry.ts";
import { startTokenServer, type TokenServer } from "../../lab/token-server.ts";
import { board, type CountingProxy, countingProxy, login, registryClient, resolverOn } from "./support.ts";

const MOST = 100;
const COUNTS = [1, 10, MOST];

let tokens: TokenServer;
let registry: RunningRegistry;
let proxy: CountingProxy;

beforeAll(async () => {
  tokens = await startTokenServer({ users: { me: "secret" } });
  registry = await startRegistry({ auth: { kind: "token", ...tokens } });
  proxy = await countingProxy(registry.address);
  const authorization = `Basic ${Buffer.from("me:secret").toString("base64")}`;
  for (let n = 0; n < MOST; n++) {
    const repository = `private/app${n}`;
    const url = `${tokens.realm}?service=x&scope=repository:${repository}:pull,push`;
    const answer = await fetch(url, { headers: { authorization } });
    const { token } = (await answer.json()) as { token: string };
    const target = { address: registry.address, repository, authorization: `Bearer ${token}` };
    await pushImage(target, "1", { platform: "linux/arm64", layers: [] });
  }
});
afterAll(async () => {
  const file = process.env.REQUEST_COUNTS;
  if (file !== undefined) await writeFile(file, JSON.stringify(rows));
  await proxy?.stop();
  await registry?.stop();
  await tokens?.stop();
});

interface Counted {
  readonly head: number;
  readonly get: number;
  readonly tokens: number;
}
const rows: { services: number; images: number; first: Counted; again: Counted; againMs: number }[] = [];

/** How often each method was asked, and tokens, since the last time. */
function counted(): Counted {
  const of = (method: string) => proxy.seen.filter((line) => line.startsWith(`${method} `)).length;
  const found = { head: of("HEAD"), get: of("GET"), tokens: tokens.asked.length };
  proxy.seen.length = 0;
  tokens.asked.length = 0;
  return found;
}

/** Looks twice with a new client: what it cost to learn, and to hear that nothing is new. */
async function lookTwice(services: number, images: number) {
  const resolver = resolverOn(registryClient(login("me", "secret")));
  const requests = Array.from({ length: services }, (_, n) => ({
    reference: `${proxy.address}/private/app${n % images}:1`,
    platform: null,
  }));
  const look = () => resolver.resolve(requests, board("linux/arm64"), { refresh: true });
  counted();
  const found = await look();
  expect([...found.values()].every(({ kind }) => kind === "pinned")).toBe(true);
  const first = counted();
  const before = performance.now();
  await look();
  const againMs = performance.now() - before;
  const again = counted();
  rows.push({ services, images, first, again, againMs });
  return { first, again };
}

describe("a look that finds nothing new", () => {
  it.each(COUNTS)(
    "must cost %i services with an image each as many HEADs, and nothing else",
    async (count) => {
      const { first, again } = await lookTwice(count, count);
      // The first request of a repository is refused with the address of the token server.
      expect(first).toEqual({ head: 2 * count, get: 2 * count, tokens: count });
      expect(again).toEqual({ head: count, get: 0, tokens: 0 });
    },
  );

  it.each(COUNTS.slice(1))("must cost %i services of one image one HEAD", async (count) => {
    const { again } = await lookTwice(count, 1);
    expect(again).toEqual({ head: 1, get: 0, tokens: 0 });
  });
});
