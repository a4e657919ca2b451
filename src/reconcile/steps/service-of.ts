// The service a step is for.
import type { DesiredService } from "../../core/model/index.ts";
import type { StepContext } from "./context.ts";

/** A plan for a service that the revision does not have is a bug. */
export function serviceOf(name: string | null, ctx: StepContext): DesiredService {
  const service = ctx.desired.services.find((s) => s.name === name);
  if (service === undefined) throw new Error(`no service ${name} in ${ctx.desired.name}`);
  return service;
}
