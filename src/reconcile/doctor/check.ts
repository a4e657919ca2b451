// What a check of `doctor` is and how they are run: each on its own and within a time, so that none can stop the others.
import { asBoardhandError, type BoardhandError } from "../../core/model/index.ts";
import type { Clock } from "../../ports/index.ts";

export interface Finding {
  readonly name: string;
  readonly state: "ok" | "warn" | "fail";
  /** What was found, one sentence. */
  readonly message: string;
  /** What to do; null where nothing is to be done. */
  readonly hint: string | null;
  /** The check was given up: it may be what it looks at, or a board that has much else to do. */
  readonly late?: true;
}

export interface Check {
  readonly name: string;
  readonly run: () => Promise<readonly Finding[]>;
}

export function ok(name: string, message: string): Finding {
  return { name, state: "ok", message, hint: null };
}

export function warn(name: string, message: string, hint: string | null): Finding {
  return { name, state: "warn", message, hint };
}

export function fail(name: string, message: string, hint: string | null): Finding {
  return { name, state: "fail", message, hint };
}

export function failed(name: string, error: unknown): Finding {
  const { message, hint }: BoardhandError = asBoardhandError(error, "E_ABORTED");
  return fail(name, message, hint);
}

/** All findings in the order of the checks. What throws, or takes longer than `limitMs`, is a finding that failed. */
export async function runChecks(
  checks: readonly Check[],
  clock: Pick<Clock, "sleep">,
  limitMs: number,
): Promise<readonly Finding[]> {
  return (await Promise.all(checks.map((check) => runOne(check, clock, limitMs)))).flat();
}

async function runOne(
  check: Check,
  clock: Pick<Clock, "sleep">,
  limitMs: number,
): Promise<readonly Finding[]> {
  const over = new AbortController();
  const words = `no answer within ${Math.round(limitMs / 1000)} s`;
  const late = clock
    .sleep(limitMs, over.signal)
    .then(() => [{ ...fail(check.name, words, "Look at what it waits for."), late: true as const }]);
  try {
    return await Promise.race([check.run(), late]);
  } catch (error) {
    return [failed(check.name, error)];
  } finally {
    over.abort();
    // The timer that lost ends with the abort.
    late.catch(() => undefined);
  }
}
