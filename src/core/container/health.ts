// A health check as the engine takes it; refuses `start_interval` where the engine would ignore it.
import { BoardhandError, type DesiredService } from "../model/index.ts";
import { apiAtLeast } from "./names.ts";

/** `Config.Healthcheck` (times in nanoseconds), or undefined: the image's own counts. */
export function healthcheck(
  service: DesiredService,
  apiVersion: string,
): Readonly<Record<string, unknown>> | undefined {
  const check = service.spec.healthcheck;
  if (check === undefined) return undefined;
  if (check.start_interval !== undefined) refuseStartInterval(service, apiVersion);
  const test = check.disable === true ? ["NONE"] : check.test;
  return {
    ...(test === undefined ? {} : { Test: test }),
    ...(check.interval === undefined ? {} : { Interval: check.interval }),
    ...(check.timeout === undefined ? {} : { Timeout: check.timeout }),
    ...(check.start_period === undefined ? {} : { StartPeriod: check.start_period }),
    ...(check.start_interval === undefined ? {} : { StartInterval: check.start_interval }),
    ...(check.retries === undefined ? {} : { Retries: check.retries }),
  };
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
