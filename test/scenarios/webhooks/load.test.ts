// A burst of 20,000 deliveries, honest, forged and garbage mixed, while one real push happens. Prints its figures.
import { randomBytes } from "node:crypto";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import { cpuOfTreeMs } from "../../bench/stage.mjs";
import { memoryKb } from "../../support/process-memory.ts";
import { eventually } from "../daemon/process.ts";
import { type Notified, notified, told } from "./support.ts";

const DELIVERIES = 20_000;
const AT_ONCE = 64;
const SECRET = randomBytes(32).toString("hex");
/** After this many, what is made once (compiled code, buffers) has been made. */
const WARM_UP = 2_000;
/** The whole burst, and what follows from the push in it, on a machine that has much else to do. */
const FLOOD_MS = 600_000;
/** Of what the agent keeps: a body of 100 bytes from each delivery would be more. */
const SLACK_MB = 2;
const HEAP = join(import.meta.dirname, "../../lab/heap.mjs");

type Kind = "honest" | "forged" | "garbage";

interface Delivery {
  readonly kind: Kind;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const JSON_TYPE = { "content-type": "application/json" };

function deliveryOf(index: number, { board, token }: Notified): Delivery {
  const { registry, project } = board.world;
  const image = `${registry}/${project}/web:${index % 4 === 0 ? "latest" : `t${index}`}`;
  const body = JSON.stringify({ image });
  const hub = JSON.stringify({ push_data: { tag: `t${index}` }, repository: { repo_name: "user/app" } });
  const right = (provider: string) => `/hooks/${provider}/${token}`;
  const wrong = randomBytes(32).toString("base64url");
  const table: readonly Delivery[] = [
    { kind: "honest", path: right("generic"), headers: JSON_TYPE, body },
    { kind: "forged", path: `/hooks/generic/${wrong}`, headers: JSON_TYPE, body },
    {
      kind: "garbage",
      path: right("generic"),
      headers: JSON_TYPE,
      body: randomBytes(200).toString("latin1"),
    },
    { kind: "honest", path: right("dockerhub"), headers: JSON_TYPE, body: hub },
    {
      kind: "forged",
      path: right("github"),
      headers: { ...JSON_TYPE, "x-hub-signature-256": `sha256=${randomBytes(32).toString("hex")}` },
      body,
    },
    { kind: "garbage", path: right("dockerhub"), headers: { "content-type": "image/png" }, body: hub },
  ];
  return table[index % table.length] ?? { kind: "garbage", path: "/hooks", headers: {}, body: "" };
}

interface Seen {
  readonly kind: Kind;
  readonly status: number;
  readonly ms: number;
  /** Sent twice; nobody knows whether the first one was heard. */
  readonly again?: boolean;
}

function deliver(base: string, delivery: Delivery, agent: Agent): Promise<Seen> {
  const { kind, path, headers, body } = delivery;
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request(`${base}${path}`, { method: "POST", agent, headers }, (answer) => {
      answer.resume();
      answer.on("end", () =>
        resolve({ kind, status: answer.statusCode ?? 0, ms: performance.now() - began }),
      );
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** All of them, so many at once. */
async function burst(made: Notified, deliveries: number): Promise<readonly Seen[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const seen: Seen[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < deliveries) {
      const delivery = deliveryOf(next, made);
      next += 1;
      // A connection that was closed under the request is what a sender tries again.
      const answer = await deliver(made.board.base, delivery, agent).catch(async () => ({
        ...(await deliver(made.board.base, delivery, agent)),
        again: true,
      }));
      seen.push(answer);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  agent.destroy();
  return seen;
}

/** What is in use once the garbage is collected. */
async function keptMb({ board }: Notified): Promise<number> {
  const words = () => [...board.said.matchAll(/^in use: (\d+)$/gm)];
  const before = words().length;
  board.process?.signal("SIGUSR2");
  const said = await eventually(
    () => Promise.resolve(words()),
    ({ length }) => length > before,
  );
  return Number(said.at(-1)?.[1]) / 2 ** 20;
}

function statuses(seen: readonly Seen[], kind: Kind): readonly number[] {
  return [...new Set(seen.filter((one) => one.kind === kind).map(({ status }) => status))].sort();
}

it("20,000 deliveries at once must neither hide a real push, nor let a forged one in, nor be remembered", {
  timeout: 3 * FLOOD_MS,
}, async () => {
  const made = await notified({ github: SECRET, environment: { NODE_OPTIONS: `--import=${HEAP}` } });
  const { board } = made;
  const pid = board.process?.child.pid ?? 0;
  const warm = await burst(made, WARM_UP);
  const before = await keptMb(made);
  const [began, cpuBefore] = [Date.now(), cpuOfTreeMs(pid)];
  const flood = burst(made, DELIVERIES);
  await delay(1000);
  await board.world.push("web", "2");
  const pushed = Date.now();
  const arrived = eventually(
    () => board.world.answerNow("web"),
    (answer) => answer === "2",
    FLOOD_MS,
  ).then(() => Date.now());
  const seen = await flood;
  const took = Date.now() - began;
  const [peak, cpu] = [memoryKb(pid, "VmRSS") / 1024, cpuOfTreeMs(pid) - cpuBefore];
  const answered = await arrived;
  expect(await board.settles()).toBe("idle");

  expect(statuses(seen, "honest")).toEqual([202]);
  expect(statuses(seen, "forged").filter((status) => ![401, 404, 429].includes(status))).toEqual([]);
  expect(statuses(seen, "garbage").filter((status) => status < 400)).toEqual([]);
  const { counts } = await told(board);
  const forged = [...warm, ...seen].filter(({ kind }) => kind === "forged");
  expect(counts.refused).toBeGreaterThanOrEqual(forged.length);
  expect(counts.refused).toBeLessThanOrEqual(
    forged.length + forged.filter(({ again }) => again === true).length,
  );
  const after = await eventually(
    () => keptMb(made),
    (mb) => mb < before + SLACK_MB,
    FLOOD_MS,
  );
  const sorted = seen.map(({ ms }) => ms).sort((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.floor(sorted.length * share)] ?? 0);
  console.log(
    `${seen.length} deliveries in ${took} ms, ${AT_ONCE} at once: median ${at(0.5)} ms, p99 ${at(0.99)} ms, ` +
      `longest ${at(0.99999)} ms, ${cpu} ms of CPU; the real push answered ${answered - pushed} ms after it; ` +
      `kept ${before.toFixed(1)} MB before and ${after.toFixed(1)} MB after; resident ${Math.round(peak)} MB at the end of the burst`,
  );
});
