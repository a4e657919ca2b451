// What the push and the manifest stage work with: real docker, real registries, a configuration of docker's own for each test.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { systemClock } from "../../../src/adapters/clock/index.ts";
import { createCredentials } from "../../../src/adapters/credentials/index.ts";
import { createFiles } from "../../../src/adapters/files/index.ts";
import { createPrograms } from "../../../src/adapters/programs/index.ts";
import { createRegistry } from "../../../src/adapters/registry/index.ts";
import { createScratch } from "../../../src/adapters/scratch/index.ts";
import { parseReference } from "../../../src/core/image/index.ts";
import type { MatrixRow } from "../../../src/core/model/index.ts";
import { createLogin, withEnvironment } from "../../../src/pipeline/login/index.ts";
import type { BuildContext, PipelineEvent, ReleaseTag } from "../../../src/pipeline/model.ts";
import type { PushDeps } from "../../../src/pipeline/stages/push.ts";
import { releaseTags } from "../../../src/pipeline/tags/index.ts";
import type { Clock, ProgramCall } from "../../../src/ports/index.ts";
import type { ImageSpec } from "../../lab/push.ts";
import { aarch64, amd64, armhf, configOf } from "../../pipeline/rows.ts";

const run = promisify(execFile);
export const COMMIT = "0123456789abcdef0123456789abcdef01234567";
export const THREE: readonly MatrixRow[] = [amd64, armhf, aarch64];

export function taggedBuild(tag: string): BuildContext {
  return { provider: "git", event: "tag", branch: null, tag, commit: COMMIT };
}

export const mainBuild: BuildContext = {
  provider: "git",
  event: "push",
  branch: "main",
  tag: null,
  commit: COMMIT,
};

export function releasesOf(context: BuildContext): readonly ReleaseTag[] {
  return releaseTags(context, "main");
}

/** A few bytes of an image, with what the image stage writes into it. */
export function imageSpec(
  platform: string,
  rest: Partial<ImageSpec> & { readonly version?: string } = {},
): ImageSpec {
  const { version, ...spec } = rest;
  return {
    platform,
    layers: [`${platform} ${version ?? ""}`],
    format: "docker",
    config: {
      Labels: {
        "org.opencontainers.image.revision": COMMIT,
        ...(version === undefined ? {} : { "org.opencontainers.image.version": version }),
      },
    },
    ...spec,
  };
}

/** A clock that does not wait, and says what it would have waited; `during` happens instead. */
export function impatientClock(
  during: () => Promise<void> = async () => {},
): Clock & { readonly slept: number[] } {
  const slept: number[] = [];
  return {
    ...systemClock(),
    slept,
    async sleep(ms) {
      slept.push(ms);
      await during();
    },
  };
}

export type LabDeps = PushDeps & {
  readonly events: readonly PipelineEvent[];
  /** What was said to programs; the input is a secret, which JSON shows as none. */
  readonly calls: readonly ProgramCall[];
  /** All lines and warnings. */
  text(): string;
};

export interface Lab {
  /** `$DOCKER_CONFIG` of a user, without logins. */
  readonly userConfig: string;
  /** Where private directories are made. */
  readonly scratch: string;
  docker(...args: string[]): Promise<string>;
  deps(options: LabOptions): LabDeps;
  remove(): Promise<void>;
}

export interface LabOptions {
  /** `127.0.0.1:5000/app` */
  readonly image: string;
  readonly context?: BuildContext;
  readonly matrix?: readonly MatrixRow[];
  readonly list?: "docker" | "oci" | "none";
  readonly environment?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: PipelineEvent) => void;
}

function registryFor(userConfig: string, { image, environment = {} }: LabOptions, clock: Clock) {
  const { registry } = parseReference(image);
  const others = createCredentials(join(userConfig, "config.json"), clock);
  return createRegistry({
    credentials: withEnvironment(environment, registry, others),
    clock,
    insecure: [],
    mirrors: {},
    ca: {},
    builtAt: 0,
    timeoutMs: 10_000,
    log: { debug() {}, info() {}, warn() {}, error() {} },
  });
}

function makeDeps(userConfig: string, scratch: string, options: LabOptions): LabDeps {
  const calls: ProgramCall[] = [];
  const real = createPrograms();
  const run = (call: ProgramCall) => {
    calls.push(call);
    return real.run(call);
  };
  const clock = options.clock ?? systemClock();
  const events: PipelineEvent[] = [];
  const { signal = new AbortController().signal, environment = {}, image } = options;
  for (const name of ["DOCKER_USERNAME", "DOCKER_PASSWORD"]) delete process.env[name];
  Object.assign(process.env, environment);
  const shared = {
    scratch: createScratch(scratch),
    files: createFiles(),
    config: configOf({ image, matrix: options.matrix ?? THREE, list: options.list ?? "docker" }),
    context: options.context ?? taggedBuild("v1.2.3"),
    programs: { ...real, run },
    binfmt: { read: async () => ({ mounted: false, enabled: false, entries: [] }) },
    registry: registryFor(userConfig, options, clock),
    clock,
    environment: { ...process.env },
    signal,
    report(event: PipelineEvent) {
      events.push(event);
      options.onEvent?.(event);
    },
  };
  const login = createLogin(shared);
  const text = () => events.map((event) => ("text" in event ? event.text : "")).join("\n");
  return { ...shared, login, events, calls, text };
}

/** `engineHost` is what docker speaks to. The environment of this process is the job's until `remove`. */
export async function startLab(engineHost: string): Promise<Lab> {
  const root = await mkdtemp(join(tmpdir(), "boardhand-push-lab-"));
  const userConfig = join(root, "docker");
  const scratch = join(root, "scratch");
  await mkdir(userConfig);
  await mkdir(scratch);
  await writeFile(join(userConfig, "config.json"), "{}");
  const base = { DOCKER_CONFIG: userConfig, DOCKER_HOST: engineHost };
  const kept = { ...process.env };
  // Programs inherit this process's environment, as they do from a CI's job.
  Object.assign(process.env, base);

  return {
    userConfig,
    scratch,
    deps: (options) => makeDeps(userConfig, scratch, options),
    async docker(...args) {
      const { stdout } = await run("docker", ["--host", engineHost, ...args], { maxBuffer: 1 << 24 });
      return stdout.trim();
    },
    async remove() {
      for (const name of Object.keys(process.env)) if (!(name in kept)) delete process.env[name];
      Object.assign(process.env, kept);
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** Everything that stands in files below a directory. */
export async function allText(directory: string): Promise<string> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return (await Promise.all(files.map((path) => readFile(path, "utf8")))).join("\n");
}
