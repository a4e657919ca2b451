// Server-sent events: `changed` says "look again", `progress` says what is being done. Nothing is replayed: a client that
// was away asks for the status. Refuses more clients than the limit, and drops one that does not read.
import type { Request, Response } from "express";
import type { ProgressEvent } from "../ports/index.ts";
import type { HttpLimits } from "./deps.ts";
import { httpRefusal, sendRefusal } from "./errors.ts";
import { fraction, ProgressBoard, type ProgressLine } from "./progress.ts";

export class EventHub {
  readonly board = new ProgressBoard();
  readonly #limits: HttpLimits;
  readonly #clients = new Set<Response>();
  /** The newest unsent event by key; an older one of the same key is worth nothing any more. */
  readonly #waiting = new Map<string, string>();
  #flushTimer: NodeJS.Timeout | null = null;
  #heartbeat: NodeJS.Timeout | null = null;

  constructor(limits: HttpLimits) {
    this.#limits = limits;
  }

  /** Takes one event of the agent in; bursts are sent at most once per throttle interval and project. */
  take(event: ProgressEvent): void {
    const line = this.board.take(event);
    const { project } = event;
    if (line === null) this.#queue(`changed ${project}`, frame("changed", { project }));
    else this.#queue(`progress ${project}`, progressFrame(line));
  }

  /** `GET /api/v1/events`. */
  connect(request: Request, response: Response): void {
    if (this.#clients.size >= this.#limits.clients) {
      response.set("Retry-After", "30");
      const hint = "close other pages, or ask GET /api/v1/status now and then";
      sendRefusal(response, httpRefusal(503, "too many clients are listening already", hint));
      return;
    }
    response.status(200).set("Content-Type", "text/event-stream").set("X-Accel-Buffering", "no");
    response.flushHeaders();
    if (request.method === "HEAD") {
      response.end();
      return;
    }
    response.on("close", () => this.#leave(response));
    response.on("error", () => this.#leave(response));
    this.#clients.add(response);
    this.#heartbeat ??= setInterval(
      () => this.#broadcast(": still here\n\n"),
      this.#limits.heartbeatMs,
    ).unref();
    this.#send(response, "retry: 3000\n\n");
  }

  #leave(response: Response): void {
    this.#clients.delete(response);
    if (this.#clients.size > 0 || this.#heartbeat === null) return;
    clearInterval(this.#heartbeat);
    this.#heartbeat = null;
  }

  #queue(key: string, text: string): void {
    if (this.#clients.size === 0) return;
    this.#waiting.set(key, text);
    this.#flushTimer ??= setTimeout(() => this.#flush(), this.#limits.throttleMs).unref();
  }

  #flush(): void {
    this.#flushTimer = null;
    const text = [...this.#waiting.values()].join("");
    this.#waiting.clear();
    this.#broadcast(text);
  }

  #broadcast(text: string): void {
    for (const client of [...this.#clients]) this.#send(client, text);
  }

  #send(client: Response, text: string): void {
    if (client.writableLength + text.length > this.#limits.clientBacklogBytes) {
      this.#leave(client);
      client.destroy();
      return;
    }
    client.write(text);
  }
}

function progressFrame(line: ProgressLine): string {
  return frame("progress", { ...line, fraction: Math.round(fraction(line) * 1000) / 1000 });
}

/** JSON has no raw line break, so hostile text cannot end the field. */
function frame(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
