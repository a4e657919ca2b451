// A health check as the engine takes it; refuses `start_interval` where the engine would ignore it.
import { BoardhandError, type DesiredService } from "../model/index.ts";
import { defined } from "./defined.ts";
import { apiAtLeast } from "./names.ts";

/** `Config.Healthcheck` (times in nanoseconds), or undefined: the image's own counts. */
export function healthcheck(
  service: DesiredService,
  apiVersion: string,
): Readonly<Record<string, unknown>> | undefined {
  const check = service.spec.healthcheck;
  if (check === undefined) return undefined;
  if (check.start_interval !== undefined) refuseStartInterval(service, apiVersion);
  return defined({
    Test: check.disable === true ? ["NONE"] : check.test,
    Interval: check.interval,
    Timeout: check.timeout,
    StartPeriod: check.start_period,
    StartInterval: check.start_interval,
    Retries: check.retries,
  });
}

function refuseStartInterval(service: DesiredService, apiVersion: string): void {
  const where = `service ${service.name}: healthcheck.start_interval`;
  const data = { service: service.name, apiVersion };
  if (!apiAtLeast(apiVersion, 44)) {
    throw new BoardhandError(
      "E_COMPOSE",
      `${where} needs an engine with API 1.44, this one has ${apiVersion}`,
      {
        hint: "remove start_interval or update the engine",
        data,
      },
    );
  }
  if (service.spec.healthcheck?.start_period === undefined) {
    throw new BoardhandError("E_COMPOSE", `${where} is given without start_period`, {
      hint: "add start_period, the time in which start_interval counts",
      data,
    });
  }
}
