// Which engine is spoken to, whether its kernel is this machine's, and what a program in a container of it does.
import { normalizePlatform } from "../../core/image/index.ts";
import type { PipelineDeps } from "../deps.ts";
import { PROBE_PROGRAM, probeImport, readProbe } from "./probe.ts";
import type { Processor } from "./processors.ts";

const QUESTION_MS = 30_000;
const MAX_IMAGES = 1_000;

export interface EngineAnswer {
  /** Go's word: `amd64`, `arm64`, `arm`. */
  readonly architecture: string;
  readonly os: string;
  /** What this machine's /proc says holds for the engine's containers. */
  readonly isHere: boolean;
}

export type EngineQuestion =
  | { readonly kind: "answered"; readonly engine: EngineAnswer }
  | { readonly kind: "silent"; readonly why: string }
  /** There is no engine, and what builds instead cannot be seen from here. */
  | { readonly kind: "hidden"; readonly why: string };

type Asker = Pick<PipelineDeps, "programs" | "signal" | "config" | "environment">;

/**
 * A socket of this machine may still lead to a virtual machine (Docker Desktop, a forwarded port): the kernel is taken
 * for this one only when both are of the same version too. A TCP address is never taken for this machine.
 * Throws BoardhandError E_PROGRAM when there is no docker, but for buildctl, which needs none.
 */
export async function askEngine(deps: Asker): Promise<EngineQuestion> {
  const asked = ask(deps, "docker", ["version", "--format", "{{json .Server}}"]);
  const version = await asked.catch((error: unknown) => {
    if (deps.config.builder === "buildctl") return null;
    throw error;
  });
  if (version === null) return askBuildKit(deps);
  const server = readServer(version.stdout);
  if (version.status !== 0 || server === null) {
    const said = lastLine(version.stderr);
    return { kind: "silent", why: said === "" ? "docker version gives no answer" : said };
  }
  const endpoint = await ask(deps, "docker", [
    "context",
    "inspect",
    "--format",
    "{{.Endpoints.docker.Host}}",
  ]);
  const kernel = await ask(deps, "uname", ["-sr"]).catch(() => null);
  const isHere =
    endpoint.stdout.startsWith("unix://") && kernel?.stdout.trim() === `Linux ${server.KernelVersion}`;
  return { kind: "answered", engine: { architecture: server.Arch, os: server.Os, isHere } };
}

/** BuildKit's daemon without docker: on this machine, or out of sight. */
async function askBuildKit(deps: Asker): Promise<EngineQuestion> {
  const address = deps.environment.BUILDKIT_HOST ?? "unix://";
  if (!address.startsWith("unix://")) {
    const why = "BUILDKIT_HOST is not this machine, and without docker nothing can be tried there";
    return { kind: "hidden", why };
  }
  const { stdout } = await ask(deps, "uname", ["-m"]);
  const word = stdout.trim().replace(/^armv[5-8].*$/, "arm");
  const { architecture, os } = normalizePlatform("linux", word, null);
  return { kind: "answered", engine: { architecture, os, isHere: true } };
}

function readServer(text: string): { Arch: string; Os: string; KernelVersion: string } | null {
  const value = parseJson(text);
  if (typeof value !== "object" || value === null) return null;
  const { Arch, Os, KernelVersion } = value as Readonly<Record<string, unknown>>;
  if (typeof Arch !== "string" || typeof Os !== "string" || !/^[a-z0-9]{1,20}$/.test(Arch)) return null;
  return { Arch, Os, KernelVersion: typeof KernelVersion === "string" ? KernelVersion : "" };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** References of images that the engine has; none when it does not say. */
export async function localImages(deps: Asker): Promise<readonly string[]> {
  const format = "{{.Repository}}:{{.Tag}}";
  const end = await ask(deps, "docker", ["image", "ls", "--format", format]).catch(() => null);
  return (end?.stdout ?? "")
    .split("\n")
    .filter((line) => line !== "" && !line.includes("<none>"))
    .slice(0, MAX_IMAGES);
}

/** Runs a program for the processor in a container of the engine; `why` is what the engine said. */
export async function probe(
  deps: Asker,
  processor: Processor,
): Promise<{ readonly answer: ReturnType<typeof readProbe>; readonly why: string }> {
  const imported = await ask(deps, "sh", ["-c", probeImport(processor)]);
  const id = /sha256:[0-9a-f]{64}/.exec(imported.stdout)?.[0];
  if (id === undefined) return { answer: "unknown", why: lastLine(imported.stderr) };
  try {
    const run = await ask(deps, "docker", ["run", "--rm", "--network", "none", id, PROBE_PROGRAM]);
    const output = `${run.stdout}\n${run.stderr}`;
    return { answer: readProbe(run.status, output), why: lastLine(output) };
  } finally {
    // Also when the run was interrupted.
    await ask({ ...deps, signal: new AbortController().signal }, "docker", ["image", "rm", id]);
  }
}

function ask(deps: Asker, command: string, args: readonly string[]) {
  return deps.programs.run({
    command,
    args,
    directory: deps.config.context,
    environment: { LC_ALL: "C" },
    timeoutMs: QUESTION_MS,
    signal: deps.signal,
  });
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.slice(0, 500) ?? "";
}
