import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { connect } from "../../../src/adapters/engine/connection.ts";

const CALLS = 300;
const server = createServer((_, response) => setTimeout(() => response.end("{}"), 5));
let directory = "";

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "boardhand-connection-"));
  server.listen(join(directory, "engine.sock"));
  await once(server, "listening");
});

afterAll(async () => {
  server.close();
  await rm(directory, { recursive: true });
});

/** CPU time of calls with so many under way at any moment, the server's own included. */
async function cpuMs(width: number): Promise<number> {
  const connection = connect(`unix://${join(directory, "engine.sock")}`, null);
  const before = process.cpuUsage();
  let left = CALLS;
  const caller = async () => {
    while (left-- > 0) {
      const answer = await connection({ method: "GET", path: "/x" }, new AbortController().signal);
      answer.resume();
      await once(answer, "end");
    }
  };
  await Promise.all(Array.from({ length: width }, caller));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

// The modem describes each request for a debug log, and with it, unless it is kept from it, all the others: 27 times as much.
it("a call must cost no more for the calls that are under way beside it", async () => {
  await cpuMs(1);
  const alone = await cpuMs(1);
  expect(await cpuMs(30)).toBeLessThan(3 * alone);
});
