// A socket between an agent and the engine that counts the calls that change something, and can have the agent killed
// just before such a call reaches the engine, or just after the engine has done it and before the agent hears of it.

import { rm } from "node:fs/promises";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";

export interface Cut {
  /** The n-th changing call, from 1. */
  readonly n: number;
  readonly when: "before" | "after";
  /** Ends the agent; nothing of the call or its answer passes once this was called. */
  readonly kill: () => void;
}

export interface EngineProxy {
  /** `unix://…` */
  readonly host: string;
  /** `POST /containers/…/stop`, in order, without API version and ids. */
  readonly calls: readonly string[];
  /** Counts from here on and cuts once; null: cuts no more. */
  arm(cut: Cut | null): void;
  /** Called with each changing call before it is passed on. */
  onCall(listener: (call: string) => void): void;
  stop(): Promise<void>;
}

export async function startEngineProxy(socketPath: string, engineHost: string): Promise<EngineProxy> {
  const engineSocket = engineHost.replace("unix://", "");
  const calls: string[] = [];
  let armed: Cut | null = null;
  let count = 0;
  let listener: (call: string) => void = () => undefined;

  const server = createServer((incoming, outgoing) => {
    if (incoming.method === "GET" || incoming.method === "HEAD") {
      pass(engineSocket, incoming, outgoing, null);
      return;
    }
    count += 1;
    const call = `${incoming.method} ${plain(incoming.url ?? "")}`;
    calls.push(call);
    listener(call);
    const cut = armed !== null && armed.n === count ? armed : null;
    if (cut?.when === "before") {
      cut.kill();
      outgoing.destroy();
      return;
    }
    pass(engineSocket, incoming, outgoing, cut);
  });
  server.on("clientError", (_error, socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    host: `unix://${socketPath}`,
    calls,
    arm(cut) {
      armed = cut;
      if (cut === null) return;
      count = 0;
      calls.length = 0;
    },
    onCall(told) {
      listener = told;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(socketPath, { force: true });
    },
  };
}

/** To the engine and back; with a cut, the agent dies when the engine has answered. */
function pass(
  engineSocket: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  cut: Cut | null,
): void {
  const { method, url, headers } = incoming;
  const onward = request({ socketPath: engineSocket, method, path: url, headers }, (answer) => {
    if (cut === null) {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
      return;
    }
    // Read to its end: a pull is done when its stream is.
    answer.resume();
    answer.once("end", () => {
      cut.kill();
      outgoing.destroy();
    });
  });
  onward.once("error", () => outgoing.destroy());
  outgoing.once("close", () => {
    if (cut === null) onward.destroy();
  });
  incoming.pipe(onward);
}

function plain(url: string): string {
  return url
    .replace(/^\/v1\.\d+/, "")
    .replace(/\?.*$/, "")
    .replace(/[0-9a-f]{64}/, "ID");
}
