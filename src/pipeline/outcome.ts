// How a stage ends: done, skipped or failed, with the time it took.
import { BoardhandError } from "../core/model/index.ts";
import type { Clock } from "../ports/index.ts";
import type { StageFailure, StageName, StageOutcome } from "./model.ts";

type Data = Readonly<Record<string, unknown>>;

export interface Ending {
  done(message: string, data: Data): StageOutcome;
  skipped(message: string): StageOutcome;
  failed(failure: StageFailure, data?: Data): StageOutcome;
}

/** Starts the time of a stage. */
export function ending(clock: Pick<Clock, "monotonic">, stage: StageName, arch: string | null): Ending {
  const started = clock.monotonic();
  const outcome = (rest: Pick<StageOutcome, "state" | "message" | "failure" | "data">): StageOutcome => ({
    stage,
    arch,
    ms: Math.round(clock.monotonic() - started),
    ...rest,
  });
  return {
    done: (message, data) => outcome({ state: "done", message, failure: null, data }),
    skipped: (message) => outcome({ state: "skipped", message, failure: null, data: {} }),
    failed: (failure, data = {}) =>
      outcome({ state: "failed", message: failure.message.split("\n")[0] ?? "", failure, data }),
  };
}

/** What an adapter threw, such as a docker that is not there, as the end of a stage. */
export async function failing(end: Ending, work: () => Promise<StageOutcome>): Promise<StageOutcome> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof BoardhandError)) throw error;
    const { code, message, hint } = error;
    return end.failed({ code, message, hint });
  }
}
