// The smoke stage: an image whose config, programs or behaviour are not what the matrix promises is not pushed.
import { asBoardhandError, BoardhandError, type MatrixRow } from "../../core/model/index.ts";
import type { PipelineDeps } from "../deps.ts";
import type { StageFailure, StageOutcome } from "../model.ts";
import { ending } from "../outcome.ts";
import { printable, renderReading, type SmokeCheck } from "../smoke/check.ts";
import { inspectImage, type SmokeContainer, withContainer } from "../smoke/container.ts";
import { qemuCpuFor } from "../smoke/cpu.ts";
import { explainEnd } from "../smoke/explain.ts";
import { configPlatform, type ImageFacts, judgeConfig } from "../smoke/image-facts.ts";
import { findPrograms } from "../smoke/programs.ts";
import { candidatePaths } from "../smoke/words.ts";

const REBUILD_HINT =
  "Correct the FROM line of its Dockerfile and what is copied in, or the platform in the matrix, and build again.";
const KEPT_LINES = 20;

/** What was found so far, and why the image is refused, if it is. */
interface Verdict {
  readonly check: SmokeCheck;
  readonly failure: StageFailure | null;
}

/**
 * Judges `image`, a tag on the local engine, by the promise of its row: the config's platform, the processor of every
 * program that it starts, and the row's smoke command, which is the whole argv and replaces ENTRYPOINT and CMD. Nothing
 * of the image runs when one of the former fails. Never throws; the outcome's data is a SmokeCheck (check.ts), empty
 * where the image could not be looked at.
 */
export async function runSmoke(deps: PipelineDeps, row: MatrixRow, image: string): Promise<StageOutcome> {
  const end = ending(deps.clock, "smoke", row.arch);
  try {
    const { check, failure } = await judge(deps, row, image);
    for (const text of check.remarks) {
      deps.report({ kind: "warning", arch: row.arch, text: printable(`${image}: ${text}`) });
    }
    return failure === null ? end.done(doneWith(check), { ...check }) : end.failed(failure, { ...check });
  } catch (thrown) {
    const error = deps.signal.aborted
      ? new BoardhandError("E_ABORTED", `The smoke test of ${image} was stopped`)
      : asBoardhandError(thrown, "E_SMOKE");
    return end.failed({ code: error.code, message: error.message, hint: error.hint });
  }
}

async function judge(deps: PipelineDeps, row: MatrixRow, image: string): Promise<Verdict> {
  const facts = await inspectImage(deps, image);
  if (facts === null) {
    throw new BoardhandError("E_SMOKE", `There is no image ${image} on this engine`, {
      hint: `Build it first: boardhand build image --arch ${row.arch}`,
    });
  }
  const config = judgeConfig(facts, row.platform);
  const check: SmokeCheck = {
    imageId: facts.id,
    size: facts.size,
    platform: configPlatform(facts),
    programs: [],
    remarks: config.kind === "kept" && config.remark !== null ? [config.remark] : [],
    command: null,
    output: null,
  };
  if (config.kind === "broken") return { check, failure: refusal(`${image}: ${config.why}`, REBUILD_HINT) };
  const options = { command: commandOf(row), qemuCpu: qemuCpuFor(row.platform) };
  return withContainer(deps, facts, options, (container) =>
    judgeContainer(deps, row, image, facts, check, container),
  );
}

async function judgeContainer(
  deps: PipelineDeps,
  row: MatrixRow,
  image: string,
  facts: ImageFacts,
  before: SmokeCheck,
  container: SmokeContainer,
): Promise<Verdict> {
  const command = commandOf(row);
  const { programs, faults, remarks } = await findPrograms(container, facts, row.platform, command);
  const check = { ...before, programs, remarks: [...before.remarks, ...remarks] };
  if (faults.length > 0) {
    return { check, failure: refusal(`${image}: ${faults.join("; ")}`, REBUILD_HINT) };
  }
  const say = (text: string): void => deps.report({ kind: "line", stage: "smoke", arch: row.arch, text });
  for (const text of renderReading(check)) say(text);
  if (command === null) return { check, failure: null };
  const lines: string[] = [];
  let output: string | null = null;
  const end = await container.start(deps.config.timeoutMs, (text) => {
    output ??= printable(text);
    lines.push(text);
    if (lines.length > KEPT_LINES) lines.shift();
    say(text);
  });
  deps.signal.throwIfAborted();
  const ran = { ...check, command, output };
  if (!end.timedOut && end.exitCode === 0 && end.error === "") return { check: ran, failure: null };
  const paths = candidatePaths(command[0] ?? "", facts);
  const seen = programs.some(({ path }) => paths.includes(path));
  const { what, hint } = explainEnd({ ...end, seen, lastLines: lines }, deps.config.timeoutMs);
  return { check: ran, failure: refusal(`${image}: ${command.join(" ")} ${what}`, hint) };
}

function commandOf({ smoke }: MatrixRow): readonly string[] | null {
  return smoke === null || smoke.length === 0 ? null : smoke;
}

function refusal(message: string, hint: string): StageFailure {
  return { code: "E_SMOKE", message: printable(message), hint };
}

function doneWith({ platform, programs, command, output }: SmokeCheck): string {
  const count = programs.length === 1 ? "1 program" : `${programs.length} programs`;
  const ran = command === null ? "" : `, ${command.join(" ")}: ${output?.slice(0, 100) ?? "ended with 0"}`;
  return printable(`${platform}, ${count} checked${ran}`);
}
