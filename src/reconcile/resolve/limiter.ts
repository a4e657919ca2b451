// Lets at most `parallelism` tasks run at once; the others wait in order.

export type Limiter = <T>(task: () => Promise<T>) => Promise<T>;

export function createLimiter(parallelism: number): Limiter {
  const waiting: (() => void)[] = [];
  const seats = Math.max(1, Math.floor(parallelism));
  const state = { running: 0 };

  return async (task) => {
    // A freed seat is handed over, so `running` stays: nobody can slip in between.
    if (state.running >= seats) await new Promise<void>((resolve) => waiting.push(resolve));
    else state.running++;
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next === undefined) state.running--;
      else next();
    }
  };
}
