// The agent as the process that people run: built once from the sources as they are, started with a configuration file
// of its own, its output kept, ended by signals.
import { type ChildProcess, execFile, type StdioOptions, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readdir, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import type { World } from "../world.ts";

const ROOT = join(import.meta.dirname, "../../..");
const CACHE = join(ROOT, ".cache/agent");
/** For a busy machine; less than the time of a test, so that what was seen last is told. */
const PATIENCE_MS = 120_000;

/** `main.js` of these very sources; built at most once for each state of the sources. */
export async function buildAgent(): Promise<string> {
  const built = join(CACHE, await sourceState());
  const main = join(built, "dist/main.js");
  if (await exists(main)) return main;
  await mkdir(CACHE, { recursive: true });
  const work = await mkdtemp(join(CACHE, "work-"));
  const words = ["-p", "tsconfig.build.json", "--noCheck", "--outDir", join(work, "dist")];
  await promisify(execFile)(join(ROOT, "node_modules/.bin/tsc"), words, { cwd: ROOT });
  await cp(join(ROOT, "package.json"), join(work, "package.json"));
  await symlink(join(ROOT, "node_modules"), join(work, "node_modules"));
  // Beside dist/ as in the package: the compose specification's schema and the CI definitions are read from there.
  for (const name of ["config", "deploy"]) await symlink(join(ROOT, name), join(work, name));
  // Whoever else built the same meanwhile has the same files.
  await rename(work, built).catch(() => rm(work, { recursive: true, force: true }));
  return main;
}

async function sourceState(): Promise<string> {
  const hash = createHash("sha256");
  const names = await readdir(join(ROOT, "src"), { recursive: true });
  for (const name of names.filter((one) => one.endsWith(".ts")).sort()) {
    const { mtimeMs, size } = await stat(join(ROOT, "src", name));
    hash.update(`${name} ${mtimeMs} ${size}\n`);
  }
  return hash.digest("hex").slice(0, 16);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class AgentProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  #stdout = "";
  #stderr = "";

  /** `directory` is where it is started; this process's own when left out. */
  constructor(
    main: string,
    words: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    directory: string = process.cwd(),
  ) {
    const env = { PATH: process.env.PATH ?? "", HOME: "/nonexistent", ...environment };
    const stdio: StdioOptions = ["ignore", "pipe", "pipe"];
    this.child = spawn(process.execPath, [main, ...words], { stdio, env, cwd: directory });
    this.child.stdout?.on("data", (chunk: Buffer) => {
      this.#stdout += chunk.toString();
    });
    this.child.stderr?.on("data", (chunk: Buffer) => {
      this.#stderr += chunk.toString();
    });
    this.ended = new Promise((resolve) => {
      this.child.once("close", (code) => resolve({ code, stdout: this.#stdout, stderr: this.#stderr }));
    });
  }

  get output(): string {
    return this.#stdout + this.#stderr;
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** The end of a process that was asked to end; killed, and an error, when it takes longer than `ms`. */
  async endsWithin(ms: number): Promise<Ended> {
    const late = new AbortController();
    const timeout = delay(ms, "late", { signal: late.signal }).catch(() => "late" as const);
    const first = await Promise.race([this.ended, timeout]);
    late.abort();
    if (typeof first === "object") return first;
    this.child.kill("SIGKILL");
    await this.ended;
    throw new Error(`the agent did not end within ${ms} ms:\n${this.output}`);
  }
}

/** Writes a configuration for this world; returns its path. Later values win over the world's own. */
export async function writeConfig(
  world: World,
  name: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const { rollout } = world.config;
  const path = join(world.directory, "../..", `${name}.yml`);
  const content = {
    projects: join(world.directory, ".."),
    schedule: "0 0 1 1 *",
    jitter: "0s",
    docker: { host: world.config.docker.host },
    registries: { docker_config: null, timeout: "5s" },
    rollout: {
      monitor: `${rollout.monitorMs}ms`,
      health_timeout: `${rollout.healthTimeoutMs}ms`,
      failure_action: rollout.failureAction,
    },
    images: { min_free_space: "0MB" },
    http: { listen: "127.0.0.1:1" },
    state: world.state,
    ...more,
  };
  await writeFile(path, JSON.stringify(content, null, 2));
  return path;
}

/** Looks until it is so; fails with what was seen last. */
export async function eventually<T>(
  look: () => Promise<T>,
  isSo: (seen: T) => boolean,
  timeoutMs = PATIENCE_MS,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (isSo(seen)) return seen;
    if (Date.now() > deadline) throw new Error(`did not come about; last seen: ${JSON.stringify(seen)}`);
    await delay(50);
  }
}
