// `doctor`: what is wrong with this board and what to do. Waits for nothing, repairs nothing; builds its own parts, because
// a broken state directory must not keep it from looking at the rest.
import { createBinfmt } from "../../adapters/binfmt/index.ts";
import { systemClock } from "../../adapters/clock/index.ts";
import { createCredentials } from "../../adapters/credentials/index.ts";
import { createEngine } from "../../adapters/engine/index.ts";
import { createHost } from "../../adapters/host/index.ts";
import { endpointOf } from "../../adapters/registry/endpoint.ts";
import { createRegistry } from "../../adapters/registry/index.ts";
import { createTransport, type Transport } from "../../adapters/registry/transport.ts";
import { createTrust } from "../../adapters/registry/trust.ts";
import type { AgentConfig, EngineFacts } from "../../core/model/index.ts";
import { projectLoader } from "../../project-loader.ts";
import { type BoardDeps, boardChecks, boardOf, skewFinding } from "../../reconcile/doctor/board.ts";
import { type Check, type Finding, runChecks } from "../../reconcile/doctor/check.ts";
import {
  emulatorFindings,
  registriesOf,
  registryCheck,
  surveyProjects,
} from "../../reconcile/doctor/projects.ts";
import { freeForImages } from "../../reconcile/free-space.ts";
import { BUILT_AT } from "../../version.ts";
import { agentClient } from "../agent-client.ts";
import type { CliContext, ExitCode } from "../context.ts";
import { formatJson, formatTable, oneLine } from "../output.ts";
import { journalFindings, readJournal } from "./doctor/journal.ts";
import { localChecks } from "./doctor/local.ts";

/** Engine and registries have shorter limits of their own; a slow board that has much else to do needs a minute for anything. */
const LIMIT_MS = 90_000;

export async function doctorCommand(ctx: CliContext): Promise<ExitCode> {
  const findings = await examine(ctx);
  if (ctx.json) ctx.out(formatJson(findings));
  else {
    const rows = findings.map(({ state, name, message }) => [state.toUpperCase(), name, message]);
    ctx.out(formatTable(["STATE", "CHECK", "FOUND"], rows, ctx.colours));
    for (const { state, name, hint } of findings)
      if (state !== "ok" && hint !== null) ctx.out(`${oneLine(name)}: ${oneLine(hint)}\n`);
  }
  return findings.some((finding) => finding.state === "fail") ? 1 : 0;
}

/** All checks of this board, by this build. */
export async function examine(ctx: CliContext): Promise<readonly Finding[]> {
  const { config, log } = ctx;
  const clock = systemClock();
  const { dockerConfig, ...registries } = config.registries;
  const credentials = createCredentials(dockerConfig, clock);
  const time = { now: () => clock.now(), builtAt: BUILT_AT };
  const send = createTransport(createTrust(registries.ca), time);
  const registry = createRegistry({ ...registries, credentials, clock, builtAt: BUILT_AT, log });
  const host = createHost({ binfmt: createBinfmt() });
  const engine = () => createEngine({ host: config.docker.host, tls: config.docker.tls, clock, log });
  const facts = askOnce(async () => engine().facts());
  const board: BoardDeps = {
    config,
    engine: facts,
    imageSpace: async () => freeForImages(await facts(), { host, engine: engine(), config }),
    host,
    clock,
    builtAt: BUILT_AT,
  };
  const loader = projectLoader({ projects: config.projects, lenient: config.compose.lenient });
  const survey = surveyProjects(loader);
  const local = localChecks({ config, agentAnswers: () => agentClient(ctx).isRunning() });
  const first: readonly Check[] = [
    ...boardChecks(board),
    ...local,
    { name: "journal", run: () => journalFindings(() => readJournal(config, clock, log)) },
    { name: "projects", run: async () => (await survey).findings },
    {
      name: "emulators",
      run: async () => emulatorFindings((await survey).projects, await boardOf(board)),
    },
    {
      name: "registries",
      run: async () => {
        const hosts = [...registriesOf((await survey).projects)];
        const checks = hosts.flatMap(([host, image]) => [
          registryCheck(host, image, { registry, credentials }),
          { name: `clock against ${host}`, run: () => skewOf(host, config.registries, send) },
        ]);
        return await runChecks(checks, clock, LIMIT_MS - 1000);
      },
    },
  ];
  return await runChecks(first, clock, LIMIT_MS);
}

/** Several checks want the same answer: the engine is asked once, when the first of them does. */
function askOnce(ask: () => Promise<EngineFacts>): () => Promise<EngineFacts> {
  const asked: { answer: Promise<EngineFacts> | null } = { answer: null };
  return () => {
    asked.answer ??= ask();
    return asked.answer;
  };
}

/** Nothing where the registry does not answer: that is the registry's own check. */
async function skewOf(
  host: string,
  { insecure, timeoutMs }: AgentConfig["registries"],
  send: Transport,
): Promise<readonly Finding[]> {
  const { origin } = endpointOf(host, insecure);
  const exchange = {
    host,
    url: `${origin}/v2/`,
    method: "HEAD",
    headers: {},
    timeoutMs,
    maxBytes: 0,
  } as const;
  try {
    const finding = skewFinding(host, (await send(exchange)).header("date") ?? "", Date.now());
    return finding === null ? [] : [finding];
  } catch {
    return [];
  }
}
