// The check that reads every project's journal, beside a running agent too. Changes nothing; what it finds damaged it names.
import { openJournal } from "../../../adapters/journal/index.ts";
import type { AgentConfig } from "../../../core/model/index.ts";
import { foldMemory, isUnderWay, rememberedRevisions } from "../../../core/status/memory.ts";
import type { Clock, Journal, Log } from "../../../ports/index.ts";
import { type Finding, fail, failed, ok } from "../../../reconcile/doctor/check.ts";

/** Throws E_STATE. */
export async function readJournal({ state }: AgentConfig, clock: Clock, log: Log): Promise<Journal> {
  // What cannot be read is a finding and no line of the log.
  const quiet = { ...log, warn: log.debug, error: log.debug };
  return await openJournal({
    directory: state,
    clock,
    log: quiet,
    fold: foldMemory,
    isUnderWay,
    remembered: rememberedRevisions,
    readOnly: true,
  });
}

/** One finding for each project whose journal is not whole, or one for all. */
export async function journalFindings(open: () => Promise<Journal>): Promise<readonly Finding[]> {
  const name = "journal";
  try {
    const journal = await open();
    const projects = journal.projects();
    const damaged = projects.flatMap((project) => {
      const what = journal.memory(project).damaged;
      return what === null ? [] : [fail(`${name} ${project}`, what, HINT)];
    });
    await journal.close();
    return damaged.length > 0 ? damaged : [ok(name, `${projects.length} projects are remembered`)];
  } catch (error) {
    return [failed(name, error)];
  }
}

const HINT =
  "The project is held. `boardhand status` shows what runs; `boardhand resume` goes on with what is left.";
