// A made-up agent with webhooks behind it, and a way to send what supertest would not.
import { once } from "node:events";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { connect } from "node:net";
import supertest from "supertest";
import { createApp, type HttpLimits } from "../../src/http/index.ts";
import type { WebhookOptions } from "../../src/triggers/webhooks/index.ts";
import { Door, TOKEN } from "../triggers/webhooks/support.ts";
import { MadeUpAgent } from "./support.ts";

export { TOKEN };
export const PUSH = { image: "registry.lan:5000/garden/soil:1.2" };
export const HOOK = `/hooks/generic/${TOKEN}`;
export const NOTIFICATIONS = "application/vnd.docker.distribution.events.v1+json";
export const NOT_HERE = {
  error: {
    code: "E_HTTP",
    message: "there is nothing here",
    hint: "docs/reference/http-api.md lists the routes",
  },
};

export class HookedAgent extends MadeUpAgent {
  readonly door: Door;

  constructor(over: Partial<WebhookOptions> = {}) {
    super();
    this.door = new Door(over);
    this.webhooks = this.door.webhooks;
  }

  app(limits: Partial<HttpLimits> = {}): RequestListener {
    return createApp(this, limits);
  }

  request(limits: Partial<HttpLimits> = {}): ReturnType<typeof supertest> {
    return supertest(this.app(limits));
  }
}

/** The same app, with the peer's address made up: no other machine is at hand. */
export function seenFrom(address: string, app: RequestListener): RequestListener {
  return (request: IncomingMessage, response: ServerResponse) => {
    Object.defineProperty(request.socket, "remoteAddress", { value: address, configurable: true });
    app(request, response as Parameters<RequestListener>[1]);
  };
}

/** Writes bytes to a port as they are and gives all that came back until the other side closed. */
export async function raw(port: number, ...parts: readonly (string | Buffer)[]): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.on("error", () => undefined);
  await once(socket, "connect");
  for (const part of parts) socket.write(part);
  await once(socket, "close");
  return Buffer.concat(chunks).toString("latin1");
}
