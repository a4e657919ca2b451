// Boardhand's own images on the run's engine: built from bases of Debian's packages, run as people run them.
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dump, load } from "js-yaml";
import { inject } from "vitest";
import { type BaseArch, pushBase } from "../../lab/bases.ts";
import { type DockerConfig, dockerConfig } from "../../lab/buildx.ts";
import { AgentProcess, buildAgent } from "../daemon/process.ts";

/** Three images under emulation, on a machine that has much else to do. */
const BUILD_MS = 15 * 60_000;

export const ROOT = join(import.meta.dirname, "../../..");

export interface OwnImage {
  /** As the matrix has it. */
  readonly arch: "amd64" | "armhf" | "aarch64";
  readonly debian: BaseArch;
  readonly platform: string;
  readonly dockerfile: string;
  /** As the image's config has it. */
  readonly config: { readonly Architecture: string; readonly Variant?: string };
}

export const OWN_IMAGES: readonly OwnImage[] = [
  {
    arch: "amd64",
    debian: "amd64",
    platform: "linux/amd64",
    dockerfile: "Dockerfile",
    config: { Architecture: "amd64" },
  },
  {
    arch: "armhf",
    debian: "armhf",
    platform: "linux/arm/v7",
    dockerfile: "Dockerfile.armhf",
    config: { Architecture: "arm", Variant: "v7" },
  },
  {
    arch: "aarch64",
    debian: "arm64",
    platform: "linux/arm64",
    dockerfile: "Dockerfile.aarch64",
    config: { Architecture: "arm64" },
  },
];

export interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Built {
  /** Local tag. */
  readonly tag: string;
  readonly base: { readonly reference: string; readonly packedBytes: number };
  readonly ms: number;
}

/** The docker client against the run's engine, with buildx and without anything of this machine's configuration. */
export class Docker {
  readonly #config: DockerConfig;

  private constructor(config: DockerConfig) {
    this.#config = config;
  }

  static async create(): Promise<Docker> {
    return new Docker(await dockerConfig());
  }

  end(): Promise<void> {
    return this.#config.remove();
  }

  /** For a program that speaks to the same engine. */
  get environment(): Readonly<Record<string, string>> {
    return {
      PATH: process.env.PATH ?? "",
      HOME: this.#config.directory,
      DOCKER_CONFIG: this.#config.directory,
      DOCKER_HOST: inject("engineHost"),
    };
  }

  /** Any end of it is an answer. */
  async run(...words: string[]): Promise<Ended> {
    const child = execFile("docker", words, {
      cwd: ROOT,
      env: this.environment,
      maxBuffer: 64 * 1024 * 1024,
      timeout: 300_000,
    });
    const said = { stdout: "", stderr: "" };
    child.stdout?.on("data", (text: string) => {
      said.stdout += text;
    });
    child.stderr?.on("data", (text: string) => {
      said.stderr += text;
    });
    const [status] = await once(child, "close");
    return { status: typeof status === "number" ? status : 1, ...said };
  }

  /** What it printed; throws what it said when it failed. */
  async ok(...words: string[]): Promise<string> {
    const { status, stdout, stderr } = await this.run(...words);
    if (status !== 0) throw new Error(`docker ${words.join(" ")} ended with ${status}:\n${stdout}${stderr}`);
    return stdout.trim();
  }

  async inspect(kind: "image" | "container", name: string): Promise<Readonly<Record<string, unknown>>> {
    return JSON.parse(await this.ok(kind, "inspect", "--format", "{{json .}}", name));
  }
}

/** What one run of `boardhand build` made of this repository. */
export interface OwnBuild {
  /** `host:port/boardhand/boardhand`, with one list as `latest`. */
  readonly image: string;
  readonly built: ReadonlyMap<string, Built>;
}

/** As a CI that builds a push to main. */
const CI = {
  GITHUB_ACTIONS: "true",
  GITHUB_EVENT_NAME: "push",
  GITHUB_REF: "refs/heads/main",
  GITHUB_REF_TYPE: "branch",
  GITHUB_REF_NAME: "main",
  GITHUB_SHA: "0123456789abcdef0123456789abcdef01234567",
  DOCKER_PUSH: "yes",
};

/**
 * The whole pipeline of this repository, from config/pipeline.yml: but for the registry, the bases, which are Debian's packages
 * here, and the test stage, which these tests are a part of. Fewer images than all are fewer rows of its matrix.
 */
export async function buildOwnImages(
  docker: Docker,
  wanted: readonly OwnImage[] = OWN_IMAGES,
): Promise<OwnBuild> {
  const address = inject("registryAddress");
  const bases = new Map<string, Built["base"]>();
  for (const { arch, debian } of wanted) bases.set(arch, await pushBase(address, "node", debian));
  const image = `${address}/boardhand/boardhand`;
  const directory = await mkdtemp(join(tmpdir(), "boardhand-own-"));
  try {
    const file = join(directory, "pipeline.yml");
    await writeFile(file, await ownPipeline(image, bases));
    const words = ["build", "--json", "--file", file];
    const child = new AgentProcess(await buildAgent(), words, { ...docker.environment, ...CI }, ROOT);
    const { code, stdout, stderr } = await child.endsWithin(BUILD_MS);
    if (code !== 0) throw new Error(`boardhand build ended with ${code}:\n${stderr}`);
    const { outcomes } = JSON.parse(stdout) as { outcomes: readonly Outcome[] };
    const built = wanted.map(({ arch }): readonly [string, Built] => {
      const base = bases.get(arch);
      const outcome = outcomes.find((one) => one.stage === "image" && one.arch === arch);
      if (base === undefined || outcome === undefined) throw new Error(`${arch} was not built`);
      return [arch, { tag: `${image}:${arch}`, base, ms: outcome.ms }];
    });
    return { image, built: new Map(built) };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

interface Outcome {
  readonly stage: string;
  readonly arch: string | null;
  readonly ms: number;
}

async function ownPipeline(image: string, bases: ReadonlyMap<string, Built["base"]>): Promise<string> {
  const own = load(await readFile(join(ROOT, "config/pipeline.yml"), "utf8")) as {
    readonly matrix: readonly { readonly arch: string }[];
  };
  const matrix = own.matrix.flatMap((row) => {
    const base = bases.get(row.arch);
    return base === undefined ? [] : [{ ...row, build_args: { BASE_IMAGE: base.reference } }];
  });
  return dump({ ...own, image, matrix, test: [] });
}
