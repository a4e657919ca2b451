// A real nginx in front, set up as docs/concepts/webhooks.md says: what it passes on, and who is told to wait.
import { request } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { type RunningNginx, startNginx } from "../../lab/nginx.ts";
import { type Notified, notified } from "./support.ts";

const running: RunningNginx[] = [];

afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
});

async function behindNginx(
  trustedProxies: readonly string[],
): Promise<{ made: Notified; proxy: RunningNginx }> {
  const made = await notified({ trustedProxies });
  const forward = `proxy_pass ${made.board.base}; proxy_set_header X-Forwarded-For $remote_addr;`;
  const proxy = await startNginx({ server: `location /hooks/ { ${forward} } location / { return 404; }` });
  running.push(proxy);
  return { made, proxy };
}

/** A delivery through the proxy, from an address of this machine's own; its status. */
function deliver(proxy: RunningNginx, from: string, token: string, image: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(
      `http://${proxy.address}/hooks/generic/${token}`,
      {
        method: "POST",
        localAddress: from,
        agent: false,
        headers: { "content-type": "application/json", "x-forwarded-for": "192.0.2.1" },
      },
      (answer) => {
        answer.resume();
        answer.on("end", () => resolve(answer.statusCode ?? 0));
      },
    );
    sent.on("error", reject);
    sent.end(JSON.stringify({ image }));
  });
}

async function wrongOnes(proxy: RunningNginx, from: string, count: number): Promise<readonly number[]> {
  const statuses: number[] = [];
  for (let i = 0; i < count; i++) statuses.push(await deliver(proxy, from, "w".repeat(43), "user/app"));
  return statuses;
}

describe("behind a proxy that is trusted", () => {
  it("a stranger must be told to wait and nobody else, and the right token be let in from anywhere", async () => {
    const { made, proxy } = await behindNginx(["127.0.0.1"]);
    const { board, token } = made;
    const strangers = await wrongOnes(proxy, "127.0.0.2", 25);
    expect(strangers.slice(0, 20)).toEqual(Array<number>(20).fill(404));
    expect(strangers.slice(20)).toEqual(Array<number>(5).fill(429));
    expect(await wrongOnes(proxy, "127.0.0.3", 1)).toEqual([404]);
    await board.world.push("web", "2");
    const image = `${board.world.registry}/${board.world.project}/web:latest`;
    expect(await deliver(proxy, "127.0.0.2", token, image)).toBe(202);
    await board.comesToAnswer("web", "2");
    const page = await fetch(`http://${proxy.address}/`);
    expect(page.status).toBe(404);
  });
});

describe("behind a proxy that nobody named", () => {
  it("all must count as the proxy, whatever they say", async () => {
    const { made, proxy } = await behindNginx([]);
    await wrongOnes(proxy, "127.0.0.2", 20);
    expect(await wrongOnes(proxy, "127.0.0.3", 1)).toEqual([429]);
    expect(await deliver(proxy, "127.0.0.3", made.token, "user/app")).toBe(202);
  });
});
