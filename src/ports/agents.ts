// What self-update asks of the engine beside the Engine port: which agents there are, what one was made with, what one said.
import type { AgentContainer } from "../core/model/index.ts";

/** A container and the image it was made from, as the engine inspects them: what a successor is made after. */
export interface Blueprint {
  /** `GET /containers/ID/json`. */
  readonly container: Readonly<Record<string, unknown>>;
  /** `GET /images/ID/json` of its image; null when that is gone. */
  readonly image: Readonly<Record<string, unknown>> | null;
}

/** Every method is one bounded exchange and throws as the Engine port's do. */
export interface Agents {
  /** Every container of this engine that carries the role label, sorted by id. */
  list(): Promise<readonly AgentContainer[]>;
  /** Null when it is not here. */
  blueprint(id: string): Promise<Blueprint | null>;
  /** `GET /images/REFERENCE/json`; null when it is not here. */
  image(reference: string): Promise<Readonly<Record<string, unknown>> | null>;
  /** The exit code once it has ended, null when it still ran after `timeoutMs`. */
  waitForExit(id: string, timeoutMs: number): Promise<number | null>;
  /** The end of what it wrote on both outputs, at most `maxBytes`. */
  logs(id: string, maxBytes: number): Promise<string>;
}
