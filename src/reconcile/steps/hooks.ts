// The commands that a service runs in its containers after their start and before their stop.
import { BoardhandError, type HookSpec, type StepOf } from "../../core/model/index.ts";
import type { ExecRequest } from "../../ports/index.ts";
import { resolveRef, type StepContext } from "./context.ts";
import { serviceOf } from "./service-of.ts";

/** Statuses of a container that is not there or does not run. */
const NOT_RUNNING: readonly unknown[] = [404, 409];

/** Throws E_HOOK unless the command ends with code 0 in time. Its words are shown, its own text is not: it may hold secrets. */
export async function runHook(step: StepOf<"runHook">, ctx: StepContext): Promise<void> {
  const hook = serviceOf(step.service, ctx).spec[step.hook]?.[step.index];
  if (hook === undefined) throw new Error(`no ${step.hook} hook ${step.index} of ${step.service}`);
  try {
    const request = { ...execOf(hook), timeoutMs: step.timeoutMs };
    const { exitCode, output } = await ctx.engine.exec(resolveRef(step.ref, ctx), request);
    if (exitCode !== 0) throw failed(step, exitCode, output);
  } catch (error) {
    // Stopped meanwhile: there is nothing left to prepare for its stop.
    const gone = error instanceof BoardhandError && NOT_RUNNING.includes(error.data.status);
    if (!(gone && step.hook === "pre_stop")) throw error;
  }
}

function execOf(hook: HookSpec): Omit<ExecRequest, "timeoutMs"> {
  return {
    command: hook.command ?? [],
    user: hook.user ?? null,
    workingDir: hook.working_dir ?? null,
    privileged: hook.privileged ?? false,
    environment: Object.entries(hook.environment ?? {}).map(([key, value]) =>
      value === null ? key : `${key}=${value}`,
    ),
  };
}

function failed(step: StepOf<"runHook">, exitCode: number | null, output: string): BoardhandError {
  const which = `${step.name}: its ${step.hook} hook ${step.index + 1}`;
  const how =
    exitCode === null
      ? `still runs after ${Math.round(step.timeoutMs / 1000)} s`
      : `ended with code ${exitCode}`;
  return new BoardhandError("E_HOOK", `${which} ${how}${output === "" ? "" : `: ${output}`}`, {
    hint: "run the command in the container by hand and see what it says",
    data: exitCode === null ? {} : { exitCode },
  });
}
