import { createServer, type Server } from "node:http";
import type { Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { BUILT_AT } from "../../../src/version.ts";
import { transport } from "./support.ts";

const running: Server[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A server that answers the first request of each connection, and breaks it off at the next one. */
async function serve(breaks: boolean) {
  const sockets: Socket[] = [];
  const server = createServer((request, response) => {
    const { socket } = request;
    if (!sockets.includes(socket)) sockets.push(socket);
    else if (breaks) return socket.destroy();
    return response.end("x");
  });
  running.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  const send = transport();
  const exchange = { host: "x", method: "GET", headers: {}, timeoutMs: 5_000, maxBytes: 100 } as const;
  return { sockets, ask: () => send({ ...exchange, url: `http://127.0.0.1:${port}/` }) };
}

describe("connections", () => {
  it("must be used again, so that a round of a hundred images is not a hundred handshakes", async () => {
    const { sockets, ask } = await serve(false);
    for (let n = 0; n < 5; n++) expect((await ask()).status).toBe(200);
    expect(sockets).toHaveLength(1);
  });

  it("that the registry has closed in the meantime must be opened anew, unnoticed", async () => {
    const { sockets, ask } = await serve(true);
    for (let n = 0; n < 3; n++) expect((await ask()).status).toBe(200);
    expect(sockets).toHaveLength(3);
  });
});

it("a HEAD that announces more than would be read must be an answer", async () => {
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-length": "1000000" }).end();
  });
  running.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/`;
  const exchange = { host: "x", url, method: "HEAD", headers: {}, timeoutMs: 5_000, maxBytes: 0 } as const;
  expect((await transport()(exchange)).status).toBe(200);
});

it("this program must not have been made in the future", () => {
  expect(BUILT_AT).toBeLessThanOrEqual(Date.now());
});
