// What every command is given, and how it ends.
import type { AgentConfig } from "../core/model/index.ts";
import type { Log } from "../ports/index.ts";
import type { Colours } from "./output.ts";
import type { TerminalProgress } from "./progress.ts";

export interface CliContext {
  readonly config: AgentConfig;
  /** The configuration file in use; null when everything is at its default. */
  readonly configFile: string | null;
  readonly json: boolean;
  readonly log: Log;
  readonly colours: Colours;
  readonly out: (text: string) => void;
  /** Bars on a terminal, plain lines elsewhere; on standard error. */
  readonly progress: TerminalProgress;
  /** Whether standard error is a terminal. */
  readonly isTerminal: boolean;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}

/** 0 done, 1 failed or rolled back. Wrong usage and configuration are exceptions and end with 2. */
export type ExitCode = 0 | 1;
