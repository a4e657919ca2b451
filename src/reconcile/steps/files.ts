// Secrets and configs whose text is not a file of the board. The text is looked up now: no plan, journal or revision has it.
import { BoardhandError, type StepOf } from "../../core/model/index.ts";
import { resolveRef, type StepContext } from "./context.ts";

export async function copyFile(step: StepOf<"copyFile">, ctx: StepContext): Promise<void> {
  const { kind, source, target, mode, uid, gid } = step.file;
  const content = ctx.textOf(kind, source);
  if (content === null) {
    throw new BoardhandError("E_COMPOSE", `${step.name}: the ${kind} "${source}" is not known any more`, {
      retry: "backoff",
      hint: "its compose file has changed or cannot be read; the next look goes by what it says then",
    });
  }
  await ctx.engine.copyFile(resolveRef(step.ref, ctx), { path: target, content, mode, uid, gid });
}
