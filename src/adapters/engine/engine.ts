// The Engine port over the Engine API: one method, one call, no decisions.
import { object } from "../../core/model/engine-json.ts";
import type { AgentConfig } from "../../core/model/index.ts";
import type { Clock, Engine, Log } from "../../ports/index.ts";
import { changesOf } from "./changes.ts";
import { connect } from "./connection.ts";
import { containerDetails } from "./details.ts";
import { watchEvents } from "./events.ts";
import { exec } from "./exec.ts";
import { toFacts } from "./facts.ts";
import { toImage } from "./image.ts";
import { imageLayers } from "./layers.ts";
import {
  inspectContainer,
  inspectImage,
  listProjects,
  observeProject,
  startedAt,
  usedImages,
} from "./observe.ts";
import { pullImage } from "./pull.ts";
import { createTransport } from "./transport.ts";

export const DEFAULT_TIMEOUT_MS = 60_000;

export interface EngineOptions {
  /** `unix:///path` or `tcp://host:port`. */
  readonly host: string;
  readonly tls: AgentConfig["docker"]["tls"];
  readonly clock: Clock;
  readonly log: Log;
  /** For every call but pulls and stops; 60 s unless given. */
  readonly timeoutMs?: number;
}

/** An Engine that connects with its first call. Throws BoardhandError E_CONFIG for an address or TLS files it cannot use. */
export function createEngine(options: EngineOptions): Engine {
  const { clock, log } = options;
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const transport = createTransport({
    connection: connect(options.host, options.tls),
    clock,
    log,
    timeoutMs,
  });
  return {
    async facts() {
      const apiVersion = await transport.negotiate();
      const [version, info] = await Promise.all([
        transport.call({ method: "GET", path: "/version", what: "read its version" }),
        transport.call({ method: "GET", path: "/info", what: "read its facts" }),
      ]);
      return toFacts(object(version.json), object(info.json), apiVersion);
    },
    startedAt: () => startedAt(transport),
    observe: (project) => observeProject(transport, project),
    projects: () => listProjects(transport),
    details: (ids) => containerDetails(transport, ids),
    inspectContainer: (id) => inspectContainer(transport, id),
    async inspectImage(reference) {
      const image = await inspectImage(transport, reference);
      return image === null ? null : toImage(image);
    },
    imageLayers: (ids) => imageLayers(transport, ids),
    usedImages: () => usedImages(transport),
    pullImage: (...request) => pullImage(transport, clock, request),
    exec: (...request) => exec(transport, clock, request),
    events: (signal, opened) => watchEvents(transport, signal, opened),
    ...changesOf({ transport, clock, log }),
  };
}
