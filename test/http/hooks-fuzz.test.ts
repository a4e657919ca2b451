// Mutated deliveries over a real socket: every one is answered, in JSON and soon, and the next one is too.
// `FUZZ_RUNS=` and `SEED=` as in test/triggers/webhooks/fuzz.test.ts; a twentieth of them comes this way.
import { Agent, type IncomingMessage, request } from "node:http";
import { expect, test } from "vitest";
import { listen } from "../../src/http/index.ts";
import { grow, SECRET, type Sent } from "../triggers/webhooks/mutated.ts";
import { HookedAgent, PUSH, TOKEN } from "./hooks-support.ts";

const runs = Math.ceil(Number(process.env.FUZZ_RUNS || 10_000) / 20);
const seed = Number(process.env.SEED || 1);
const AT_ONCE = 16;
const LIMIT_MS = 1_000;
const EXPECTED = [202, 400, 401, 415];

test(`${runs} mutated deliveries (SEED=${seed}) must be answered over HTTP, each within a second`, {
  timeout: 3_600_000,
}, async () => {
  const secrets = new Map(["github", "gitea", "generic"].map((name) => [name, SECRET]));
  const agent = new HookedAgent({ secrets });
  const server = await listen(agent.app({ failures: 1_000_000 }), { host: "127.0.0.1", port: 0 });
  const keepAlive = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const failures: string[] = [];
  const counts = new Map<number, number>();
  let next = 0;
  const timed = async (sent: Sent) => {
    const began = performance.now();
    const answer = await send(server.address.port, keepAlive, sent);
    return { ...answer, ms: performance.now() - began };
  };
  const sender = async (): Promise<void> => {
    for (let index = next++; index < runs; index = next++) {
      const sent = grow(seed, index);
      const answer = await timed(sent);
      counts.set(answer.status, (counts.get(answer.status) ?? 0) + 1);
      // Slow once may be the machine's doing.
      const { ms } = answer.ms > LIMIT_MS ? await timed(sent) : answer;
      if (!EXPECTED.includes(answer.status) || typeof JSON.parse(answer.text) !== "object" || ms > LIMIT_MS)
        failures.push(`SEED=${seed} ${index}: ${answer.status} ${answer.text} after ${Math.round(ms)} ms`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sender));
  const body = Buffer.from(JSON.stringify(PUSH));
  const headers = { "content-type": "application/json", authorization: SECRET.reveal() };
  const last = await send(server.address.port, keepAlive, {
    provider: "generic",
    body,
    headers,
    signed: false,
  });
  keepAlive.destroy();
  await server.close();
  expect(failures.slice(0, 10)).toEqual([]);
  expect(last.status).toBe(202);
  expect([...counts.keys()].sort()).toEqual(EXPECTED);
  expect(agent.logged.filter(({ message }) => message === "a webhook failed")).toEqual([]);
});

function send(
  port: number,
  agent: Agent,
  sent: Sent,
): Promise<{ readonly status: number; readonly text: string }> {
  const { provider, body, headers } = sent;
  const path = `/hooks/${provider}/${TOKEN}`;
  return new Promise((resolve, reject) => {
    const options = {
      host: "127.0.0.1",
      port,
      agent,
      path,
      method: "POST",
      headers: { ...headers, "content-length": body.length },
    };
    request(options, (response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      response
        .on("data", (chunk: Buffer) => chunks.push(chunk))
        .on("end", () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
        );
    })
      .on("error", reject)
      .end(body);
  });
}
