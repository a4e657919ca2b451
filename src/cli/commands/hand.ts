// `suspend` and `resume`: through the running agent where there is one, else straight into its state directory.
import { assemble } from "../../agent.ts";
import { AGENT_PROJECT } from "../../core/model/index.ts";
import { resume, suspend } from "../../reconcile/hand.ts";
import { agentClient } from "../agent-client.ts";
import type { CliContext, ExitCode } from "../context.ts";
import { formatJson } from "../output.ts";
import { selectProjects } from "../select.ts";

const ACTIONS = { suspend, resume } as const;

export async function handCommand(
  action: keyof typeof ACTIONS,
  project: string,
  ctx: CliContext,
): Promise<ExitCode> {
  const client = agentClient(ctx);
  if (await client.isRunning()) await client.act(project, action, {});
  else {
    const { config, log, signal } = ctx;
    const parts = await assemble({ config, log, signal, progress: () => undefined, readOnly: false });
    try {
      if (project !== AGENT_PROJECT) await selectProjects(parts, [project]);
      await ACTIONS[action](project, parts.deps);
    } finally {
      await parts.journal.close();
    }
  }
  ctx.out(
    ctx.json
      ? formatJson({ project, action, ok: true })
      : `${project}: ${action === "suspend" ? "suspended" : "resumed"}\n`,
  );
  return 0;
}
