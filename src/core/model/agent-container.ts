// The agent's own containers as the engine shows them, and the record of a hand-over from one agent to the next.
import type { ContainerState } from "./observed.ts";

/**
 * `agent`: the image's own label says so. `updater` and `preflight` are made by an agent, from the image it means to
 * become.
 */
export type AgentRole = "agent" | "updater" | "preflight";

export interface AgentContainer {
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  readonly role: AgentRole;
  readonly state: ContainerState;
  readonly exitCode: number;
  /** The engine's own words when a start failed; empty otherwise. */
  readonly error: string;
  /** Of its last start, RFC 3339 in UTC with nine digits of a second, so that texts compare; null when it never ran. */
  readonly startedAt: string | null;
  /** `no`, `always`, `unless-stopped`, `on-failure:3`. */
  readonly restartPolicy: string;
  readonly imageId: string;
  /** `Config.Image`, as it was asked for. */
  readonly imageReference: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The journal of the agent itself is kept under a name that no compose project can have. */
export const AGENT_PROJECT = "_agent";

/** What an updater has to know; on the labels of the successor and of the updater, so that a reboot loses none of it. */
export interface HandOver {
  /** Container ids. */
  readonly old: string;
  readonly successor: string;
  /** The name that passes from the old one to the successor. */
  readonly name: string;
  /** The restart policy the old one has when it is not retired. */
  readonly restartPolicy: string;
  /** The platform digest (or image id) that is handed over to: what is quarantined when it fails. */
  readonly digest: string;
}
