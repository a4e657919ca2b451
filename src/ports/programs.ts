// Other programs: docker, a shell, git. What is said to them and what they say; never a shell unless it is named.
import type { Secret } from "../core/model/index.ts";

export interface ProgramCall {
  readonly command: string;
  readonly args: readonly string[];
  readonly directory?: string;
  /** On top of this process's own; undefined takes a variable away. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Written to its standard input, which is empty without. */
  readonly input?: Secret;
  readonly timeoutMs: number;
  /** Ends it, with all the programs that it started. */
  readonly signal: AbortSignal;
  /** Each line of both outputs as it comes, without its end; cut at 4 KiB. */
  readonly onLine?: (line: string) => void;
}

export interface ProgramEnd {
  /** Null when a signal ended it. */
  readonly status: number | null;
  readonly timedOut: boolean;
  /** The last 256 KiB of each. */
  readonly stdout: string;
  readonly stderr: string;
}

export interface Programs {
  /** Throws BoardhandError E_PROGRAM when it cannot be started; any end of it is an answer. */
  run(call: ProgramCall): Promise<ProgramEnd>;
  /**
   * Its standard output as bytes, `maxBytes` of it at most; it is ended when there is more, and `status` is null then.
   * Throws BoardhandError E_PROGRAM when it cannot be started.
   */
  read(call: ProgramCall, maxBytes: number): Promise<ProgramEnd & { readonly bytes: Uint8Array }>;
}
