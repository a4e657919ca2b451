// One container of the image under test: its files are read before it is started, so that what is read is what runs.
// Making it is never cut short: a container whose creation was abandoned could appear after it was removed.
import { randomBytes } from "node:crypto";
import { BoardhandError } from "../../core/model/index.ts";
import type { ProgramEnd } from "../../ports/index.ts";
import type { PipelineDeps } from "../deps.ts";
import { configPlatform, type ImageFacts, readImageFacts } from "./image-facts.ts";
import { type FirstEntry, firstEntry } from "./tar.ts";

const QUICK_MS = 120_000;
const INSPECT_MAX_BYTES = 4 * 1024 * 1024;
/** Marks what a killed run left behind: `docker ps -a --filter label=io.boardhand.smoke`. */
const LABEL = "io.boardhand.smoke";
/** A container without a command cannot be made, even when it never starts. */
const NEVER_STARTED = "/never-started";

type Docker = Pick<PipelineDeps, "programs" | "environment" | "signal" | "report">;

export interface ContainerState {
  readonly exitCode: number | null;
  /** Why the engine could not start it. */
  readonly error: string;
  readonly outOfMemory: boolean;
}

export interface SmokeContainer {
  /** What is at the path, links followed; null when there is nothing. At most `maxBytes` of the file. */
  readFile(path: string, maxBytes: number): Promise<FirstEntry | null>;
  /** Its command, until it ends or the time is over; each line as it comes. */
  start(timeoutMs: number, onLine: (line: string) => void): Promise<ProgramEnd & ContainerState>;
}

/** Null where the engine has no such image. Throws BoardhandError E_PROGRAM, E_SMOKE. */
export async function inspectImage(docker: Docker, image: string): Promise<ImageFacts | null> {
  const args = ["image", "inspect", "--", image];
  const end = await docker.programs.read(call(docker, args), INSPECT_MAX_BYTES);
  if (end.status === 0) return readImageFacts(new TextDecoder().decode(end.bytes));
  docker.signal.throwIfAborted();
  if (/no such image/i.test(end.stderr)) return null;
  throw refused("The image cannot be inspected", end);
}

/**
 * Makes the container, lets `use` work with it, and removes it whatever happens, with its anonymous volumes. `command`
 * replaces ENTRYPOINT and CMD; `qemuCpu` is the processor that QEMU stands in for, where QEMU runs it.
 */
export async function withContainer<T>(
  docker: Docker,
  image: ImageFacts,
  options: { readonly command: readonly string[] | null; readonly qemuCpu: string | null },
  use: (container: SmokeContainer) => Promise<T>,
): Promise<T> {
  const name = `boardhand-smoke-${randomBytes(8).toString("hex")}`;
  const unstoppable = { ...docker, signal: new AbortController().signal };
  docker.signal.throwIfAborted();
  try {
    const made = await docker.programs.run(call(unstoppable, createArguments(name, image, options)));
    if (made.status !== 0) throw refused("No container can be made of the image", made);
    docker.signal.throwIfAborted();
    return await use({
      readFile: (path, maxBytes) => readFile(docker, name, path, maxBytes),
      start: (timeoutMs, onLine) => start(docker, unstoppable, name, timeoutMs, onLine),
    });
  } finally {
    await remove(unstoppable, name);
  }
}

async function remove(docker: Docker, name: string): Promise<void> {
  const end = await docker.programs.run(call(docker, ["rm", "--force", "--volumes", name]));
  if (end.status === 0 || /no such container/i.test(end.stderr)) return;
  const text = `The container ${name} could not be removed; when the engine works again: docker rm --force ${name}`;
  docker.report({ kind: "warning", arch: null, text });
}

/**
 * Without a network: a command that proves that an image starts needs none, and nothing that came in with a base image
 * gets out. With an init: as process 1 a program that QEMU ends by a signal would hang, since nothing reaches process 1.
 */
function createArguments(
  name: string,
  image: ImageFacts,
  { command, qemuCpu }: { readonly command: readonly string[] | null; readonly qemuCpu: string | null },
): string[] {
  const [program = NEVER_STARTED, ...rest] = command ?? [];
  return [
    "create",
    ...["--name", name, "--label", `${LABEL}=true`],
    ...["--pull", "never", "--platform", configPlatform(image)],
    ...["--network", "none", "--init", "--no-healthcheck", "--log-driver", "none"],
    ...(qemuCpu === null || image.qemuCpu !== null ? [] : ["--env", `QEMU_CPU=${qemuCpu}`]),
    ...["--entrypoint", program, image.id, ...rest],
  ];
}

async function readFile(
  docker: Docker,
  name: string,
  path: string,
  maxBytes: number,
): Promise<FirstEntry | null> {
  const end = await docker.programs.read(call(docker, ["cp", "-L", `${name}:${path}`, "-"]), maxBytes);
  docker.signal.throwIfAborted();
  if (end.bytes.byteLength > 0) return firstEntry(end.bytes);
  if (
    /could not find|no such|not a directory|too many (?:links|levels)|file name too long/i.test(end.stderr)
  ) {
    return null;
  }
  throw refused(`${path} cannot be read from the image`, end);
}

async function start(
  docker: Docker,
  unstoppable: Docker,
  name: string,
  timeoutMs: number,
  onLine: (line: string) => void,
): Promise<ProgramEnd & ContainerState> {
  const end = await docker.programs.run({ ...call(docker, ["start", "--attach", name]), timeoutMs, onLine });
  const args = ["container", "inspect", "--format", "{{json .State}}", name];
  const state = await docker.programs.run(call(unstoppable, args));
  if (state.status !== 0) throw refused("The engine does not say how the smoke command ended", state);
  return { ...end, ...readState(state.stdout) };
}

/** The exit code is the container's own only when it is not running any more. */
function readState(text: string): ContainerState {
  const state = JSON.parse(text) as {
    Running?: unknown;
    ExitCode?: unknown;
    Error?: unknown;
    OOMKilled?: unknown;
  };
  return {
    exitCode: state.Running === false && typeof state.ExitCode === "number" ? state.ExitCode : null,
    error: typeof state.Error === "string" ? state.Error : "",
    outOfMemory: state.OOMKilled === true,
  };
}

function call({ environment, signal }: Docker, args: readonly string[]) {
  return { command: "docker", args, environment, timeoutMs: QUICK_MS, signal };
}

function refused(what: string, end: ProgramEnd): BoardhandError {
  const said = end.stderr.trim().split("\n").at(-1)?.slice(0, 500) ?? "";
  const why = end.timedOut ? "the engine did not answer in time" : said || `docker ended with ${end.status}`;
  return new BoardhandError("E_SMOKE", `${what}: ${why}`, {
    hint: "Look whether the engine works: docker info.",
  });
}
