// The body of a webhook, as it was sent: bounded in size, in time and in what all of them together may hold.
import type { IncomingMessage } from "node:http";

export interface BodyLimits {
  readonly bodyBytes: number;
  /** How long one body may take, ms. */
  readonly bodyMs: number;
  /** What the bodies that are being read may hold together. */
  readonly bodiesBytes: number;
}

/** Why there is none: `gone` when the sender went away and nobody waits for an answer. */
export type BodyProblem = "large" | "slow" | "busy" | "gone";

export class BodyReader {
  readonly #limits: BodyLimits;
  #held = 0;

  constructor(limits: BodyLimits) {
    this.#limits = limits;
  }

  /** Never rejects. A body that was not read to its end is left for `discard`. */
  read(request: IncomingMessage): Promise<Buffer | BodyProblem> {
    const { bodyBytes, bodyMs, bodiesBytes } = this.#limits;
    if (Number(request.headers["content-length"] ?? 0) > bodyBytes) return Promise.resolve("large");
    const chunks: Buffer[] = [];
    let size = 0;
    return new Promise((resolve) => {
      const end = (result: Buffer | BodyProblem): void => {
        clearTimeout(timer);
        request.off("data", take).off("end", whole).off("close", gone).off("error", gone);
        this.#held -= size;
        resolve(result);
      };
      const take = (chunk: Buffer): void => {
        size += chunk.length;
        this.#held += chunk.length;
        chunks.push(chunk);
        if (size > bodyBytes) end("large");
        else if (this.#held > bodiesBytes) end("busy");
      };
      const whole = (): void => end(Buffer.concat(chunks));
      const gone = (): void => end("gone");
      const timer = setTimeout(() => end("slow"), bodyMs);
      request.on("data", take).on("end", whole).on("close", gone).on("error", gone);
    });
  }
}

/** Lets the rest of a body nobody wants pass by, so that the sender can read the answer; what takes longer is cut off. */
export function discard(request: IncomingMessage, ms: number): void {
  if (request.complete) return;
  const timer = setTimeout(() => request.socket.destroy(), ms);
  request.on("close", () => clearTimeout(timer)).on("error", () => clearTimeout(timer));
  request.resume();
}
