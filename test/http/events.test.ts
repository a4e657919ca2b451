// Server-sent events on a real socket.
import { type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createApp, type HttpLimits, type Listening, listen } from "../../src/http/index.ts";
import type { ProgressEvent } from "../../src/ports/index.ts";
import { aStep, HOSTILE, MadeUpAgent } from "./support.ts";

const opened: Listening[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
});

async function serve(agent: MadeUpAgent, limits: Partial<HttpLimits> = {}): Promise<Listening> {
  const app = createApp(agent, { throttleMs: 5, ...limits });
  const server = await listen(app, { host: "127.0.0.1", port: 0, graceMs: 1_000 });
  opened.push(server);
  return server;
}

class Client {
  text = "";
  readonly answer: IncomingMessage;
  readonly ended: Promise<void>;
  #wake: () => void = () => {};

  constructor(answer: IncomingMessage) {
    this.answer = answer;
    answer.setEncoding("utf8");
    answer.on("data", (chunk: string) => {
      this.text += chunk;
      this.#wake();
    });
    answer.on("error", () => {});
    this.ended = new Promise((resolve) => answer.on("close", resolve));
  }

  /** Resolves when the text so far matches; the test's own time limit is the bound. */
  async until(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.text)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

function open(server: Listening): Promise<Client> {
  return new Promise((resolve, reject) => {
    const url = `http://127.0.0.1:${server.address.port}/api/v1/events`;
    request(url, { agent: false }, (answer) => resolve(new Client(answer)))
      .on("error", reject)
      .end();
  });
}

const changed: ProgressEvent = { kind: "changed", project: "hello" };

function pull(bytes: number): ProgressEvent {
  const progress = { layers: 1, layersDone: 0, bytes, totalBytes: 1000 };
  return { kind: "pull", project: "hello", step: aStep(2, "web"), progress };
}

describe("events", () => {
  it("a change must be told as `changed`", async () => {
    const agent = new MadeUpAgent();
    const client = await open(await serve(agent));
    expect(client.answer.headers["content-type"]).toMatch(/^text\/event-stream/);
    await client.until(/retry:/);
    agent.emit(changed);
    await client.until(/event: changed\ndata: {"project":"hello"}\n\n/);
  });

  it("a burst of pull progress must be told by its newest line only", async () => {
    const agent = new MadeUpAgent();
    const client = await open(await serve(agent));
    await client.until(/retry:/);
    agent.emit({ kind: "step", project: "hello", step: aStep(2, "web"), of: 4 });
    for (let bytes = 1; bytes <= 500; bytes++) agent.emit(pull(bytes));
    await client.until(/event: progress\n.*\n\n/);
    agent.emit(changed);
    await client.until(/event: changed/);
    expect(client.text.match(/event: progress/g)).toHaveLength(1);
    const data: unknown = JSON.parse(/event: progress\ndata: (.*)\n/.exec(client.text)?.[1] ?? "");
    expect(data).toMatchObject({
      project: "hello",
      step: { n: 2, of: 4, kind: "startContainer", service: "web" },
      pull: { bytes: 500, totalBytes: 1000 },
      fraction: 0.375,
    });
  });

  it("hostile words must not end a field or begin an event", async () => {
    const agent = new MadeUpAgent();
    const client = await open(await serve(agent));
    await client.until(/retry:/);
    const message = `${HOSTILE}\n\nevent: forged\r\ndata: {}\n\n`;
    agent.emit({ kind: "stepFailed", project: "hello", step: aStep(1, "web"), message });
    await client.until(/event: progress\n.*\n\n/);
    expect(client.text).not.toMatch(/^event: forged/m);
    expect(client.text).toContain('"state":"failed"');
  });

  it("a silent stream must carry heartbeats", async () => {
    const client = await open(await serve(new MadeUpAgent(), { heartbeatMs: 5 }));
    await client.until(/: still here\n\n: still here\n\n/);
  });

  it("one client too many must be refused, and taken when another has left", async () => {
    const server = await serve(new MadeUpAgent(), { clients: 2 });
    const first = await open(server);
    await open(server);
    const third = await open(server);
    expect(third.answer.statusCode).toBe(503);
    expect(third.answer.headers["retry-after"]).toBe("30");
    await third.ended;
    expect(JSON.parse(third.text)).toMatchObject({ error: { code: "E_HTTP" } });
    first.answer.destroy();
    await expect.poll(async () => (await open(server)).answer.statusCode).toBe(200);
  });

  it("a client that does not read must be dropped and the others served", async () => {
    const agent = new MadeUpAgent();
    const server = await serve(agent, { clientBacklogBytes: 50_000, throttleMs: 1 });
    const socket = connect(server.address.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await new Promise((resolve) => socket.once("data", resolve));
    socket.pause();
    const reader = await open(server);
    // More than the kernel's buffers between two sockets hold; what is left over has nowhere to go but memory.
    const message = "x".repeat(40_000);
    for (let sent = 0; sent < 400; sent++) {
      reader.text = "";
      agent.emit({ kind: "stepFailed", project: "hello", step: aStep(1, "web"), message });
      await reader.until(/event: progress\n.*\n\n/);
    }
    let received = 0;
    const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
    socket.on("data", (chunk) => {
      received += chunk.length;
    });
    socket.resume();
    await closed;
    expect(received).toBeLessThan(400 * message.length);
    expect(reader.answer.destroyed).toBe(false);
  });

  it("closing must end the streams at once", async () => {
    const server = await serve(new MadeUpAgent());
    const client = await open(server);
    await client.until(/retry:/);
    await server.close();
    await client.ended;
    expect(client.answer.complete).toBe(true);
  });
});
