// The emulators stage: looks what the engine's kernel can run, registers what is missing, and looks again. Never says done
// for what it did not see; leaves entries that work alone.
import { asBoardhandError, type MatrixRow } from "../../core/model/index.ts";
import type { PipelineDeps } from "../deps.ts";
import { askEngine, type EngineAnswer, localImages } from "../emulators/engine.ts";
import { findHostTools, toolPath } from "../emulators/host-tools.ts";
import { type Look, look } from "../emulators/look.ts";
import { type Finding, missingOf, type Need, needsOf } from "../emulators/needs.ts";
import { renderWay, type Way, waysFor } from "../emulators/ways.ts";
import { adviceFor, renderFindings, shown, warningOf } from "../emulators/words.ts";
import type { StageFailure, StageOutcome } from "../model.ts";
import { type Ending, ending } from "../outcome.ts";

/** A pull of an image with QEMU for all processors, on a slow line. */
const REGISTER_MS = 10 * 60_000;
const SWITCH = "/proc/sys/fs/binfmt_misc/status";

/** The stage's dependencies, and how it ends. */
type Deps = PipelineDeps & { readonly end: Ending };

/** `rows` are those that will be built here. The outcome is for all of them; E_EMULATION, or E_PROGRAM without an engine. */
export async function runEmulators(deps: PipelineDeps, rows: readonly MatrixRow[]): Promise<StageOutcome> {
  const end = ending(deps.clock, "emulators", null);
  return attempt({ ...deps, end }, rows).catch((error: unknown) => {
    const { code, message, hint } = asBoardhandError(error, "E_EMULATION");
    return end.failed({ code, message, hint });
  });
}

async function attempt(deps: Deps, rows: readonly MatrixRow[]): Promise<StageOutcome> {
  const asked = await askEngine(deps);
  if (asked.kind === "hidden") return deps.end.skipped(asked.why);
  if (asked.kind === "silent") {
    return failed(
      deps,
      "E_PROGRAM",
      `the engine does not answer: ${asked.why}`,
      "Start it, or set DOCKER_HOST.",
    );
  }
  const { engine } = asked;
  if (engine.os !== "linux") {
    return failed(
      deps,
      "E_EMULATION",
      `the engine runs ${engine.os} containers`,
      "Switch it to Linux containers.",
    );
  }
  const { needs, unknown } = needsOf(rows, engine.architecture);
  if (unknown.length > 0) {
    const what = `nothing is known to emulate ${unknown.join(", ")} on ${engine.architecture}`;
    return failed(
      deps,
      "E_EMULATION",
      what,
      "Build it on a machine of that kind, or leave it out of the matrix.",
    );
  }
  if (needs.length === 0) {
    return done(deps, `${engine.architecture} runs every platform of the matrix by itself`, engine, [], null);
  }
  const seen = await look(deps, engine, needs);
  if (seen.kind !== "seen") return blind(deps, seen);
  for (const line of renderFindings(seen.findings)) say(deps, line);
  const missing = missingOf(seen.findings);
  if (missing.length === 0) return finish(deps, engine, seen.findings, null);
  return register(deps, engine, needs, seen.findings);
}

/** Takes one way after the other until all is there. */
async function register(
  deps: Deps,
  engine: EngineAnswer,
  needs: readonly Need[],
  before: readonly Finding[],
): Promise<StageOutcome> {
  const missing = missingOf(before);
  const emulators = missing.map(({ need }) => need.processor.emulator);
  const answer = waysFor(deps.config.emulators, missing, {
    engine: engine.architecture,
    host: engine.isHere ? await findHostTools(deps, emulators) : null,
    images: await localImages(deps),
  });
  if (!answer.ok) {
    return failed(deps, "E_EMULATION", `${emulators.join(", ")} not registered: ${answer.why}`, answer.hint);
  }
  let left = emulators;
  let said = "";
  for (const way of answer.ways) {
    said = await take(deps, way);
    const after = await look(deps, engine, needs);
    if (after.kind !== "seen") return blind(deps, after);
    left = missingOf(after.findings).map(({ need }) => need.processor.emulator);
    if (left.length === 0) {
      for (const line of renderFindings(after.findings)) say(deps, line);
      return finish(deps, engine, after.findings, { way: way.name, emulators });
    }
    const text = `${way.name} did not register ${left.join(", ")}${said === "" ? "" : `: ${said}`}`;
    deps.report({ kind: "warning", arch: null, text });
  }
  const tried = answer.ways.map(({ name }) => name).join(" and ");
  const processors = missing
    .map(({ need }) => need.processor)
    .filter(({ emulator }) => left.includes(emulator));
  return failed(
    deps,
    "E_EMULATION",
    `${left.join(", ")} still not registered after ${tried}${said === "" ? "" : `: ${said}`}`,
    adviceFor(processors),
  );
}

/** Runs its commands; what went wrong, or nothing. The kernel is asked for the truth afterwards. */
async function take(deps: PipelineDeps, way: Way): Promise<string> {
  for (const line of renderWay(way)) say(deps, line);
  for (const [command = "", ...args] of way.commands) {
    const end = await deps.programs
      .run({
        command,
        args,
        directory: deps.config.context,
        environment: { PATH: toolPath(deps.environment) },
        timeoutMs: REGISTER_MS,
        signal: deps.signal,
        onLine: (line) => say(deps, line),
      })
      .catch((error: unknown) => asBoardhandError(error, "E_PROGRAM"));
    if (end instanceof Error) return end.message;
    if (deps.signal.aborted) return "it was interrupted";
    if (end.timedOut) return `${command} took longer than ${REGISTER_MS / 60_000} minutes`;
    if (end.status !== 0) return `${command} ended with ${end.status}${reasonOf(end.stderr)}`;
  }
  return "";
}

/** docker ends with advice; before it, what happened begins with its name. */
function reasonOf(stderr: string): string {
  const lines = stderr.trim().split("\n");
  const line = lines.find((one) => one.startsWith("docker: ")) ?? lines.at(-1) ?? "";
  return line === "" ? "" : `: ${shown(line)}`;
}

function finish(
  deps: Deps,
  engine: EngineAnswer,
  findings: readonly Finding[],
  registered: { readonly way: string; readonly emulators: readonly string[] } | null,
): StageOutcome {
  const warnings = findings.flatMap((finding) => warningOf(finding) ?? []);
  for (const text of warnings) deps.report({ kind: "warning", arch: null, text });
  const restricted = warnings.length === 0 ? "" : ", with restrictions";
  const message =
    registered === null
      ? `all emulators are there already${restricted}; nothing was changed`
      : `registered ${registered.emulators.join(", ")} by ${registered.way}${restricted}`;
  return done(deps, message, engine, findings, registered);
}

function done(
  { end }: Deps,
  message: string,
  engine: EngineAnswer,
  findings: readonly Finding[],
  registered: { readonly way: string; readonly emulators: readonly string[] } | null,
): StageOutcome {
  const platforms = findings.flatMap(({ need, readiness }) =>
    need.platforms.map((platform) => [platform, readiness.kind] as const),
  );
  const data = { engine: engine.architecture, platforms: Object.fromEntries(platforms), registered };
  return end.done(message, data);
}

function blind(deps: Deps, seen: Exclude<Look, { kind: "seen" }>): StageOutcome {
  if (seen.kind === "unknown") {
    return failed(
      deps,
      "E_EMULATION",
      seen.why,
      "Look at the engine's log; then run boardhand build emulators.",
    );
  }
  // Somebody switched it off, and for all programs of the machine: theirs to switch on.
  const what = "binfmt_misc is switched off on this machine, with all its entries";
  return failed(deps, "E_EMULATION", what, `As root: echo 1 > ${SWITCH}`);
}

function failed({ end }: Deps, code: StageFailure["code"], message: string, hint: string): StageOutcome {
  return end.failed({ code, message, hint });
}

function say(deps: PipelineDeps, text: string): void {
  deps.report({ kind: "line", stage: "emulators", arch: null, text });
}
