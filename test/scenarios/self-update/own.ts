// Boardhand's own image as boards have it, in several versions, in a registry that containers reach; and agents that run
// from it on the run's engine as people start them.
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, inject } from "vitest";
import { DOCKER_MANIFEST, OCI_MANIFEST } from "../../../src/core/image/index.ts";
import { pushBase } from "../../lab/bases.ts";
import { freePort, type RunningRegistry, startRegistry } from "../../lab/registry.ts";
import { eventually } from "../daemon/process.ts";
import { Docker, ROOT } from "../pipeline/own-images.ts";

const run = promisify(execFile);

/** A whole update on a machine that has much else to do. */
export const UPDATE_MS = 300_000;

export interface Inspected {
  readonly Id: string;
  readonly Name: string;
  readonly Image: string;
  readonly Config: { readonly Labels: Readonly<Record<string, string>> };
  readonly State: { readonly Status: string; readonly ExitCode: number; readonly StartedAt: string };
  readonly HostConfig: Readonly<Record<string, unknown>>;
  readonly Mounts: readonly { readonly Name?: string; readonly Destination: string }[];
}

/** For the scenarios of a file: one image and one registry for all of them, and nothing left behind by any. */
export function withOwn(made: (own: Own) => void): void {
  let own: Own | null = null;
  beforeAll(async () => {
    own = await Own.create();
    made(own);
  }, 10 * 60_000);
  afterEach(() => own?.removeStarted());
  afterAll(() => own?.end());
}

export class Own {
  readonly docker: Docker;
  readonly registry: RunningRegistry;
  readonly directory: string;
  readonly #base: string;
  #serial = 0;
  readonly #started: string[] = [];

  private constructor(docker: Docker, registry: RunningRegistry, directory: string, base: string) {
    this.docker = docker;
    this.registry = registry;
    this.directory = directory;
    this.#base = base;
  }

  /** Builds the image of the sources as they are; its versions are made of it. */
  static async create(): Promise<Own> {
    const docker = await Docker.create();
    const format = "{{(index .IPAM.Config 0).Gateway}}";
    const host = await docker.ok("network", "inspect", "bridge", "--format", format);
    const registry = await startRegistry({ host });
    const directory = await mkdtemp(join(tmpdir(), "boardhand-own-"));
    await run(process.execPath, ["deploy/dev/bundle.mjs"], { cwd: ROOT });
    const base = await pushBase(inject("registryAddress"), "node", "amd64");
    const context = join(directory, "context");
    for (const path of ["package.json", "LICENSE", "config", "dist", "Dockerfile"])
      await cp(join(ROOT, path), join(context, path), { recursive: true });
    const tag = `${registry.address}/own/base`;
    const words = ["buildx", "build", "--load", "--build-arg", `BASE_IMAGE=${base.reference}`];
    await docker.ok(...words, "--tag", tag, context);
    return new Own(docker, registry, directory, tag);
  }

  /** `REGISTRY/NAME` of one board's own image: a scenario is alone with its tag. */
  name(): string {
    this.#serial += 1;
    return `${this.registry.address}/board-${this.#serial}/boardhand`;
  }

  /**
   * Makes a version of the image; the tag means it from the end on, here only where `here` is set: a board has what it
   * pulled and not what others pushed.
   */
  async publish(name: string, version: string, lines: readonly string[] = [], here = false): Promise<void> {
    const context = join(this.directory, `version-${this.#serial}-${version}`);
    await mkdir(context, { recursive: true });
    const text = [`FROM ${this.#base}`, `LABEL version="${version}"`, ...lines].join("\n");
    await writeFile(join(context, "Dockerfile"), `${text}\n`);
    const fresh = `${name}:fresh-${version}`;
    await this.docker.ok("buildx", "build", "--load", "--tag", fresh, context);
    await this.docker.ok("push", "--quiet", fresh);
    if (here) await this.docker.ok("tag", fresh, `${name}:latest`);
    await this.docker.ok("image", "rm", fresh);
    // At last, and at once: an agent that looks meanwhile must not find half of it.
    await moveTag(name, `fresh-${version}`, "latest");
  }

  /** A configuration for agents in containers; the schedule is every two seconds. */
  async configure(more: Readonly<Record<string, unknown>> = {}): Promise<string> {
    this.#serial += 1;
    const path = join(this.directory, `boardhand-${this.#serial}.yml`);
    const content = {
      schedule: "*/2 * * * * *",
      jitter: "0s",
      registries: { docker_config: null, timeout: "5s", insecure: [this.registry.address] },
      rollout: { monitor: "1s", health_timeout: "120s" },
      images: { min_free_space: "0MB" },
      ...more,
    };
    await writeFile(path, JSON.stringify(content, null, 2));
    return path;
  }

  /** Starts an agent by docker run; returns its id. */
  async start(
    name: string,
    image: string,
    {
      words = [],
      config = {},
    }: { words?: readonly string[]; config?: Readonly<Record<string, unknown>> } = {},
  ): Promise<string> {
    this.toBeRemoved(name);
    return this.docker.ok(
      ...["run", "--detach", "--name", name, "--restart", "unless-stopped"],
      ...this.words(await this.configure(config), `${name}-state`),
      ...words,
      `${image}:latest`,
    );
  }

  /** Whatever is called so or begins so, at the end of the scenario. */
  toBeRemoved(name: string): void {
    this.#started.push(name);
  }

  async removeStarted(): Promise<void> {
    for (const name of this.#started.splice(0)) await this.#remove(name);
  }

  get socket(): string {
    return inject("engineHost").replace("unix://", "");
  }

  /** The words that every agent is started with. */
  words(config: string, state: string): readonly string[] {
    return [
      ...["--volume", `${this.socket}:/var/run/docker.sock`],
      ...["--volume", `${config}:/etc/boardhand/boardhand.yml:ro`],
      ...["--volume", `${state}:/data`],
    ];
  }

  freePort(): Promise<number> {
    return freePort();
  }

  /** Null when there is none of this name. */
  async container(name: string): Promise<Inspected | null> {
    const { status, stdout } = await this.docker.run("container", "inspect", "--format", "{{json .}}", name);
    return status === 0 ? (JSON.parse(stdout) as Inspected) : null;
  }

  /** Names of all containers whose name begins so, sorted. */
  async names(prefix: string): Promise<readonly string[]> {
    const out = await this.docker.ok(
      "ps",
      "--all",
      "--format",
      "{{.Names}}",
      "--filter",
      `name=^/?${prefix}`,
    );
    return out
      .split("\n")
      .filter((one) => one !== "")
      .sort();
  }

  /** Waits until this container runs that version and nothing else of the update is left. */
  async becomes(name: string, version: string, timeoutMs = UPDATE_MS): Promise<Inspected> {
    const look = async () => ({ found: await this.container(name), names: await this.names(name) });
    const seen = await eventually(
      look,
      ({ found, names }) =>
        found?.Config.Labels.version === version && found.State.Status === "running" && names.length === 1,
      timeoutMs,
    );
    if (seen.found === null) throw new Error(`${name} is gone`);
    return seen.found;
  }

  /** What the agent says of itself; null while it does not answer. */
  async status(name: string): Promise<OwnStatus | null> {
    const { stdout } = await this.docker.run("exec", name, "boardhand", "status", "--json");
    // In the middle of a stop the engine has words of its own.
    return stdout.startsWith("{") ? (JSON.parse(stdout) as OwnStatus) : null;
  }

  /** Waits until the agent is held for this reason; returns what it says. */
  async becomesHeld(name: string, reason: string): Promise<string> {
    const heldOf = (status: OwnStatus | null) => status?.agent.selfUpdate?.services[0]?.held ?? null;
    const isHeld = (status: OwnStatus | null) => heldOf(status)?.reason === reason;
    return heldOf(await eventually(() => this.status(name), isHeld, UPDATE_MS))?.message ?? "";
  }

  /** Ends and removes all containers whose name begins so, and their volumes. */
  async #remove(prefix: string): Promise<void> {
    const names = await this.names(prefix);
    if (names.length > 0) await this.docker.run("rm", "--force", "--volumes", ...names);
    await this.docker.run("volume", "rm", "--force", `${prefix}-state`);
  }

  async end(): Promise<void> {
    await this.docker.end();
    await this.registry.stop();
    await rm(this.directory, { recursive: true, force: true });
  }
}

export interface OwnStatus {
  readonly agent: {
    readonly standby: string | null;
    readonly selfUpdate: {
      readonly services: readonly {
        readonly held: { readonly reason: string; readonly message: string } | null;
      }[];
      readonly quarantine: readonly { readonly message: string }[];
      readonly rollout: { readonly message: string };
      readonly notes: readonly string[];
    } | null;
  };
  readonly projects: readonly { readonly name: string; readonly notes: readonly string[] }[];
}

/** In the registry: `to` means what `from` does. */
async function moveTag(name: string, from: string, to: string): Promise<void> {
  const slash = name.indexOf("/");
  const manifests = `http://${name.slice(0, slash)}/v2${name.slice(slash)}/manifests`;
  const found = await fetch(`${manifests}/${from}`, {
    headers: { accept: `${OCI_MANIFEST}, ${DOCKER_MANIFEST}` },
  });
  const type = found.headers.get("content-type") ?? "";
  const put = { method: "PUT", headers: { "content-type": type }, body: await found.text() };
  const moved = await fetch(`${manifests}/${to}`, put);
  if (!moved.ok) throw new Error(`PUT ${manifests}/${to}: ${moved.status} ${await moved.text()}`);
}
