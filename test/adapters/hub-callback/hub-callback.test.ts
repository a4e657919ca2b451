// The answer to Docker Hub's callback_url. The Hub is played by a server on this machine: its own has refused for years.
import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { createHubCallback } from "../../../src/adapters/hub-callback/index.ts";
import type { Log, LogFields } from "../../../src/ports/index.ts";

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/u/ana/garden/hook/1/`;
}

function logging(): { readonly lines: [string, LogFields][]; readonly log: Log } {
  const lines: [string, LogFields][] = [];
  const at = (level: string) => (fields: LogFields) => {
    lines.push([level, fields]);
  };
  return { lines, log: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") } };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

it("must be one POST of a success with nothing about the board", async () => {
  const asked: { readonly method: string | undefined; readonly body: string }[] = [];
  const url = await serve((request, response) => {
    void bodyOf(request).then((body) => {
      asked.push({ method: request.method, body });
      response.end("{}");
    });
  });
  const { log, lines } = logging();
  createHubCallback(log).confirm(url);
  await expect.poll(() => lines).toEqual([["debug", { status: 200 }]]);
  expect(asked.map(({ method }) => method)).toEqual(["POST"]);
  expect(JSON.parse(asked[0]?.body ?? "")).toEqual({
    state: "success",
    description: "heard",
    context: "Boardhand",
  });
});

it("a refusal must be a debug line", async () => {
  const url = await serve((_request, response) => response.writeHead(400).end("Update not allowed"));
  const { log, lines } = logging();
  createHubCallback(log).confirm(url);
  await expect.poll(() => lines).toEqual([["debug", { status: 400 }]]);
});

it("a redirect must not be followed", async () => {
  let followed = 0;
  const elsewhere = await serve((_request, response) => {
    followed += 1;
    response.end();
  });
  const url = await serve((_request, response) => response.writeHead(307, { location: elsewhere }).end());
  const { log, lines } = logging();
  createHubCallback(log).confirm(url);
  await expect.poll(() => lines).toEqual([["debug", { status: 307 }]]);
  expect(followed).toBe(0);
});

it("a Hub that does not answer must cost nobody more than a while, and a debug line", async () => {
  let asked = 0;
  const url = await serve(() => {
    asked += 1;
  });
  const { log, lines } = logging();
  const callback = createHubCallback(log, 2_000);
  // None of them is waited for: the first word comes after all have been asked for.
  for (let time = 0; time < 20; time += 1) callback.confirm(url);
  expect(lines).toEqual([]);
  await expect.poll(() => lines.length).toBe(4);
  expect(lines).toEqual(Array(4).fill(["debug", { kind: "TimeoutError" }]));
  expect(asked).toBe(4);
});

it("a Hub that is not there must be a debug line without the address", async () => {
  const { log, lines } = logging();
  createHubCallback(log).confirm("http://127.0.0.1:1/u/ana/garden/hook/1/");
  await expect.poll(() => lines).toEqual([["debug", { kind: "TypeError" }]]);
});
