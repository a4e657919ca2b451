// A repository whose pipeline is run by a CI's definition: three Dockerfiles, a test, and a registry that asks for a login.
import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { inject } from "vitest";
import { type DockerConfig, dockerConfig } from "../../lab/buildx.ts";
import { type CiDefinition, definitionsFolder, withoutPush } from "../../lab/ci/definitions.ts";
import type { CiEvent } from "../../lab/ci/job.ts";
import { type CiJobEnd, runCi } from "../../lab/ci/run.ts";
import { startEngine } from "../../lab/engine.ts";
import { busyboxLayer } from "../../lab/images.ts";
import { privilegedEngine } from "../../lab/privileged.ts";
import { pushImage } from "../../lab/push.ts";
import { type RunningRegistry, startRegistry } from "../../lab/registry.ts";
import { buildAgent } from "../daemon/process.ts";
import { ARCHS, baseOf, Repository } from "./repository.ts";

const run = promisify(execFile);
const USER = "me";
const PASSWORD = "secret";
/** bcrypt of `secret`; Node has no bcrypt. */
const HTPASSWD = `${USER}:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n`;
const AUTHORIZATION = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString("base64")}`;
const LIST = "application/vnd.docker.distribution.manifest.list.v2+json";
const BUILDKIT = "moby/buildkit:v0.25.1";
/** Drone's steps install Node where it is not; here it is. */
const APK = '#!/bin/sh\n[ "$*" = "add --no-cache nodejs npm" ]\n';
const FILES = { amd64: "Dockerfile", armhf: "Dockerfile.armhf", aarch64: "Dockerfile.aarch64" } as const;

export interface CiRun {
  /** `name state` of each job. */
  readonly ends: readonly string[];
  readonly output: string;
}

interface CiEngine {
  readonly host: string;
  stop(): Promise<void>;
}

function usesBuildKit({ name }: CiDefinition): boolean {
  return name === "travis-buildkit";
}

/** A BuildKit of its own is a privileged container, which the run's engine cannot start everywhere. */
async function engineFor(definition: CiDefinition): Promise<CiEngine> {
  if (!usesBuildKit(definition)) return { host: inject("engineHost"), stop: () => Promise.resolve() };
  const privileged = await privilegedEngine();
  const engine = await startEngine({ arguments: privileged.arguments });
  const stop = async (): Promise<void> => {
    await engine.stop();
    await privileged.remove();
  };
  return { host: engine.host, stop };
}

interface Parts {
  readonly definition: CiDefinition;
  readonly registry: RunningRegistry;
  readonly repository: Repository;
  readonly docker: DockerConfig;
  readonly engine: CiEngine;
  /** Programs of the CI's machine. */
  readonly machine: string;
}

export class CiWorld {
  readonly #parts: Parts;

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  static async create(definition: CiDefinition): Promise<CiWorld> {
    const registry = await startRegistry({ auth: { kind: "basic", htpasswd: HTPASSWD } });
    const repository = await Repository.create({ registry: registry.address });
    const docker = await dockerConfig();
    const machine = await mkdtemp(join(tmpdir(), "boardhand-ci-machine-"));
    const engine = await engineFor(definition);
    const world = new CiWorld({ definition, registry, repository, docker, engine, machine });
    await writeFile(join(machine, "apk"), APK, { mode: 0o755 });
    // What `npm install --global boardhand` would leave.
    const installed = dirname(dirname(await buildAgent()));
    await run("npm", ["install", "--global", "--prefix", join(machine, "npm"), installed]);
    if (definition.name === "dockerhub") await world.#logInBeforehand();
    if (usesBuildKit(definition)) await world.#provideBuildKit();
    await world.#writeFiles();
    return world;
  }

  async #writeFiles(): Promise<void> {
    const { repository, definition } = this.#parts;
    for (const { arch, lab } of ARCHS) {
      const lines = [
        `FROM ${baseOf(lab)}`,
        "COPY version /version",
        "RUN /bin/busybox cat /version > /made",
        "",
      ];
      await repository.write(FILES[arch], lines.join("\n"));
    }
    const rows = ARCHS.map(
      ({ arch, platform }) => `  - { arch: ${arch}, platform: ${platform}, dockerfile: ${FILES[arch]} }`,
    );
    const pipeline = [
      `image: ${repository.image}`,
      ...(usesBuildKit(definition) ? ["builder: buildctl", "emulators: tonistiigi/binfmt:qemu-v9.2.2"] : []),
      "test: [sh test.sh]",
      "smoke: [/bin/busybox, cat, /made]",
      "matrix:",
      ...rows,
      "",
    ];
    await repository.write("config/pipeline.yml", pipeline.join("\n"));
    await repository.write("test.sh", "grep -q good version\n");
    await cp(join(definitionsFolder, "dockerhub"), repository.directory, { recursive: true });
  }

  /** Docker Hub's builders are logged in to it. */
  async #logInBeforehand(): Promise<void> {
    const auth = AUTHORIZATION.slice("Basic ".length);
    const text = JSON.stringify({ auths: { [this.#parts.registry.address]: { auth } } });
    await writeFile(join(this.#parts.docker.directory, "config.json"), text);
  }

  /** An image of BuildKit's name that has the stand-in for buildctl where the real one has the real one. */
  async #provideBuildKit(): Promise<void> {
    const target = { address: inject("registryAddress"), repository: "moby/buildkit" };
    const content = await readFile(join(import.meta.dirname, "../../lab/ci/buildctl.sh"));
    await pushImage(target, "lab", {
      platform: "linux/amd64",
      layers: [await busyboxLayer("amd64"), { "usr/bin/buildctl": { content, mode: 0o755 } }],
      config: { Cmd: ["/bin/busybox", "sleep", "600"] },
    });
    const remote = `${target.address}/moby/buildkit:lab`;
    await this.#dockerSays("pull", "--quiet", remote);
    await this.#dockerSays("tag", remote, BUILDKIT);
  }

  /** Commits the files as they are but for these; answers with the commit. */
  async commit(files: Readonly<Record<string, string>>): Promise<string> {
    for (const [path, text] of Object.entries(files)) await this.#parts.repository.write(path, text);
    return this.#parts.repository.commit("next");
  }

  async run(
    event: Pick<CiEvent, "kind" | "commit"> & { readonly tag?: string },
    options: { readonly push?: boolean } = {},
  ): Promise<CiRun> {
    const { push = true } = options;
    const settings = {
      secrets: { DOCKER_USERNAME: USER, DOCKER_PASSWORD: PASSWORD },
      variables: push ? { DOCKER_PUSH: "yes" } : {},
    };
    const whole = { branch: "main", ...event, tag: event.tag ?? null };
    const jobs = this.#parts.definition.jobs(whole, settings, push ? undefined : withoutPush);
    const ends = await runCi(jobs, {
      repository: this.#parts.repository.directory,
      commit: event.commit,
      programs: [this.#parts.machine, dirname(process.execPath)],
      environment: {
        DOCKER_HOST: this.#parts.engine.host,
        DOCKER_CONFIG: this.#parts.docker.directory,
        npm_config_prefix: join(this.#parts.machine, "npm"),
        // Nothing is fetched: whoever asked would be refused.
        npm_config_registry: "http://127.0.0.1:9/",
      },
      ...(usesBuildKit(this.#parts.definition) ? { renew: () => this.#removeBuildKit() } : {}),
    });
    return { ends: ends.map(({ name, state }) => `${name} ${state}`), output: outputOf(ends) };
  }

  async #removeBuildKit(): Promise<void> {
    await this.#dockerSays("rm", "--force", "buildkit").catch(() => "");
  }

  /** Tags in the registry, sorted; none where nothing was ever pushed. */
  async tags(): Promise<readonly string[]> {
    const answer = await this.#ask("tags/list");
    if (answer.status === 404) return [];
    const { tags } = (await answer.json()) as { readonly tags: readonly string[] | null };
    return [...(tags ?? [])].sort();
  }

  /** Digest of what the tag is. */
  async digest(tag: string): Promise<string | null> {
    const answer = await this.#ask(`manifests/${tag}`);
    await answer.body?.cancel();
    return answer.headers.get("docker-content-digest");
  }

  /** `os/architecture[/variant]` of a list's entries; null where it is no list. */
  async list(tag: string): Promise<readonly string[] | null> {
    const body = (await (await this.#ask(`manifests/${tag}`)).json()) as {
      readonly manifests?: readonly { readonly platform: Readonly<Record<string, string>> }[];
    };
    return (
      body.manifests?.map(({ platform: { os, architecture, variant } }) =>
        [os, architecture, ...(architecture === "arm" ? [variant] : [])].join("/"),
      ) ?? null
    );
  }

  /** Commits that the images on the engine were built from, by architecture; null where there is none. */
  async built(): Promise<readonly (string | null)[]> {
    const label = '{{index .Config.Labels "org.opencontainers.image.revision"}}';
    const images = ARCHS.map(({ arch }) => `${this.#parts.repository.image}:${arch}`);
    return Promise.all(
      images.map((image) => this.#dockerSays("image", "inspect", "--format", label, image).catch(() => null)),
    );
  }

  async #dockerSays(...words: string[]): Promise<string> {
    const { engine, docker } = this.#parts;
    const env = {
      PATH: process.env.PATH ?? "",
      DOCKER_HOST: engine.host,
      DOCKER_CONFIG: docker.directory,
    };
    return (await run("docker", words, { env })).stdout.trim();
  }

  #ask(path: string): Promise<Response> {
    const { repository, registry } = this.#parts;
    const name = repository.image.slice(repository.image.indexOf("/") + 1);
    const headers = { authorization: AUTHORIZATION, accept: LIST };
    return fetch(`http://${registry.address}/v2/${name}/${path}`, { headers });
  }

  async remove(): Promise<void> {
    const { repository, docker, registry, engine, machine } = this.#parts;
    await repository.remove();
    await engine.stop();
    await docker.remove();
    await registry.stop();
    await rm(machine, { recursive: true, force: true });
  }
}

function outputOf(ends: readonly CiJobEnd[]): string {
  return ends.map(({ output }) => output).join("");
}
