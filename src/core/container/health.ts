// A health check as the engine takes it.
import type { ServiceSpec } from "../model/index.ts";
import { defined } from "./defined.ts";

/** `Config.Healthcheck` (times in nanoseconds), or undefined: the image's own counts. */
export function healthcheck(spec: ServiceSpec): Readonly<Record<string, unknown>> | undefined {
  const check = spec.healthcheck;
  if (check === undefined) return undefined;
  return defined({
    Test: check.disable === true ? ["NONE"] : check.test,
    Interval: check.interval,
    Timeout: check.timeout,
    StartPeriod: check.start_period,
    StartInterval: check.start_interval,
    Retries: check.retries,
  });
}
