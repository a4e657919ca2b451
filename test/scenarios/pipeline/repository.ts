// A repository for a scenario of the pipeline: a tiny program for three processors, a git history, docker's configuration of
// its own, and `boardhand build` as a person or a CI runs it. What a scenario made is gone when it ends.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { inject } from "vitest";
import { type DockerConfig, dockerConfig } from "../../lab/buildx.ts";
import { busyboxLayer, type LabArch } from "../../lab/images.ts";
import { pushImage } from "../../lab/push.ts";
import { AgentProcess, buildAgent, type Ended } from "../daemon/process.ts";

const run = promisify(execFile);
/** Three images, two of them emulated, on a machine that has much else to do. */
const BUILD_MS = 300_000;

/** The matrix of every sample: what people call it, the platform, Debian's word. */
export const ARCHS = [
  { arch: "amd64", platform: "linux/amd64", lab: "amd64" },
  { arch: "armhf", platform: "linux/arm/v7", lab: "armhf" },
  { arch: "aarch64", platform: "linux/arm64", lab: "arm64" },
] as const satisfies readonly { arch: string; platform: string; lab: LabArch }[];

/** A RUN step that executes the processor's own code, and a program that says its version. */
export const DOCKERFILE = [
  "ARG BASE_IMAGE",
  `FROM \${BASE_IMAGE}`,
  "COPY version /version",
  "RUN /bin/busybox cat /version > /made",
  'CMD ["/bin/busybox", "cat", "/made"]',
  "",
].join("\n");

let serial = 0;

export class Repository {
  readonly directory: string;
  /** `host:port/rN/app`, of this scenario alone. */
  readonly image: string;
  readonly #main: string;
  readonly #docker: DockerConfig;

  private constructor(directory: string, image: string, main: string, docker: DockerConfig) {
    this.directory = directory;
    this.image = image;
    this.#main = main;
    this.#docker = docker;
  }

  /** With the sample's files, committed on `main`. `pipeline` are lines of pipeline.yml on top of image and matrix. */
  static async create(
    options: { readonly pipeline?: string; readonly registry?: string; readonly withBuildx?: boolean } = {},
  ): Promise<Repository> {
    serial += 1;
    const registry = options.registry ?? inject("registryAddress");
    const image = `${registry}/r${process.pid}-${serial}/app`;
    const [main, docker] = await Promise.all([
      buildAgent(),
      dockerConfig({ withBuildx: options.withBuildx ?? true }),
    ]);
    const directory = await mkdtemp(join(tmpdir(), "boardhand-repository-"));
    const repository = new Repository(directory, image, main, docker);
    await pushBases();
    await repository.write("version", "one\n");
    await repository.write("Dockerfile", DOCKERFILE);
    await repository.write("config/pipeline.yml", pipelineText(image, options.pipeline ?? ""));
    await repository.git("init", "--quiet", "--initial-branch=main");
    await repository.commit("first");
    return repository;
  }

  async write(name: string, text: string): Promise<void> {
    const path = join(this.directory, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }

  async git(...words: string[]): Promise<string> {
    const who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"];
    return (await run("git", [...who, ...words], { cwd: this.directory })).stdout.trim();
  }

  async commit(message: string): Promise<string> {
    await this.git("add", "--all");
    await this.git("commit", "--quiet", "--allow-empty", "-m", message);
    return await this.git("rev-parse", "HEAD");
  }

  /** Started in the repository's root with nothing of this machine's environment but PATH. */
  start(words: readonly string[], environment: Readonly<Record<string, string>> = {}): AgentProcess {
    const env = {
      DOCKER_HOST: inject("engineHost"),
      DOCKER_CONFIG: this.#docker.directory,
      ...environment,
    };
    return new AgentProcess(this.#main, ["build", ...words], env, this.directory);
  }

  async build(words: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ended> {
    return await this.start(words, environment).endsWithin(BUILD_MS);
  }

  async docker(...words: string[]): Promise<string> {
    const env = {
      PATH: process.env.PATH ?? "",
      DOCKER_HOST: inject("engineHost"),
      DOCKER_CONFIG: this.#docker.directory,
    };
    return (await run("docker", words, { env })).stdout.trim();
  }

  /** Tags of the image in its registry, sorted; none where it has never been pushed to. */
  async tags(): Promise<readonly string[]> {
    const { registry, path } = this.#place();
    const answer = await fetch(`http://${registry}/v2/${path}/tags/list`);
    if (answer.status === 404) return [];
    const { tags } = (await answer.json()) as { readonly tags: readonly string[] | null };
    return [...(tags ?? [])].sort();
  }

  /** The platforms of a list, in its order; null where the tag is no list or is not there. */
  async list(tag: string): Promise<readonly string[] | null> {
    const { registry, path } = this.#place();
    const accept = "application/vnd.docker.distribution.manifest.list.v2+json";
    const answer = await fetch(`http://${registry}/v2/${path}/manifests/${tag}`, { headers: { accept } });
    if (answer.status !== 200) return null;
    const body = (await answer.json()) as {
      readonly manifests?: readonly {
        readonly platform: { readonly os: string; readonly architecture: string; readonly variant?: string };
      }[];
    };
    return (
      body.manifests?.map(({ platform: { os, architecture, variant } }) =>
        [os, architecture, ...(variant === undefined ? [] : [variant])].join("/"),
      ) ?? null
    );
  }

  #place(): { readonly registry: string; readonly path: string } {
    const slash = this.image.indexOf("/");
    return { registry: this.image.slice(0, slash), path: this.image.slice(slash + 1) };
  }

  async remove(): Promise<void> {
    const left = await this.docker("images", "--quiet", "--filter", `reference=${this.image}`);
    for (const id of new Set(left.split("\n").filter((line) => line !== ""))) {
      await this.docker("rmi", "--force", id).catch(() => "");
    }
    await this.#docker.remove();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** Where a base of the sample is in the run's registry. */
export function baseOf(lab: LabArch): string {
  return `${inject("registryAddress")}/base/busybox:${lab}`;
}

async function pushBases(): Promise<void> {
  const target = { address: inject("registryAddress"), repository: "base/busybox" };
  for (const { lab, platform } of ARCHS) {
    await pushImage(target, lab, {
      platform,
      layers: [await busyboxLayer(lab)],
      config: { Env: ["PATH=/bin"] },
      format: "docker",
    });
  }
}

function pipelineText(image: string, more: string): string {
  const rows = ARCHS.map(
    ({ arch, platform, lab }) =>
      `  - {arch: ${arch}, platform: ${platform}, build_args: {BASE_IMAGE: "${baseOf(lab)}"}}`,
  );
  const own = more.includes("smoke:") ? "" : "smoke: [/bin/busybox, cat, /made]\n";
  const matrix = more.includes("matrix:") ? "" : `matrix:\n${rows.join("\n")}\n`;
  return `image: ${image}\n${own}${more}\n${matrix}`;
}
