// A virtual board with the run's registry behind a proxy that counts who asked for what, and the agent's page through a
// port of the host. What a test looks at is asked from outside, as a person at a desk would.
import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { inject } from "vitest";
import type { AgentStatus, ProjectStatus } from "../../src/core/status/index.ts";
import { hostSeenFromBoard, startBoard, type VirtualBoard } from "../lab/boards/board.mjs";
import type { BoardKind } from "../lab/boards/kinds.mjs";
import { type FaultyRegistry, startFaultyRegistry } from "../lab/faulty-registry.ts";
import { appImage, type Behaviour, type LabArch } from "../lab/images.ts";
import { pushImage, pushIndex } from "../lab/push.ts";

/** Emulated, on a machine that has much else to do. */
const PATIENCE_MS = 15 * 60_000;
const TOKENS = { http: "/etc/boardhand/token", hooks: "/etc/boardhand/hook-token" };
/** Of the board; the samples' own are 8081 and 8082. */
const PAGE = 8080;
export const EVERYWHERE: readonly LabArch[] = ["amd64", "armhf", "arm64"];

export class BoardWorld {
  readonly board: VirtualBoard;
  readonly registry: FaultyRegistry;
  readonly token = randomBytes(24).toString("base64url");
  readonly hookToken = randomBytes(24).toString("base64url");

  private constructor(board: VirtualBoard, registry: FaultyRegistry) {
    this.board = board;
    this.registry = registry;
  }

  /** The board is up, and knows nothing of Boardhand. */
  static async start(kind: BoardKind): Promise<BoardWorld> {
    const registry = await startFaultyRegistry(inject("registryAddress"));
    try {
      const board = await startBoard(kind, { ports: [PAGE, 8081, 8082], say: (line) => console.log(line) });
      return new BoardWorld(board, registry);
    } catch (error) {
      await registry.close();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.board.stop();
    await this.registry.close();
  }

  /** The registry as the board calls it. */
  get registrySeen(): string {
    return this.registry.address.replace("127.0.0.1", hostSeenFromBoard);
  }

  /** `host:port/repository` on the board. */
  reference(name: string): string {
    return `${this.registrySeen}/${this.repository(name)}`;
  }

  /** Pushes one list of the architectures under the tag. */
  async pushList(name: string, version: string, arches = EVERYWHERE, behaviour: Behaviour = "serve") {
    const images = [];
    for (const arch of arches)
      images.push({ image: await this.pushOne(name, null, version, arch, behaviour) });
    return pushIndex(this.#target(name), "latest", images);
  }

  /** Pushes the image of one architecture under the tag, without any list. */
  async pushOne(
    name: string,
    tag: string | null,
    version: string,
    arch: LabArch,
    behaviour: Behaviour = "serve",
  ) {
    return pushImage(this.#target(name), tag, await appImage({ arch, version, behaviour }));
  }

  #target(name: string) {
    return { address: inject("registryAddress"), repository: this.repository(name) };
  }

  /** In the registry; each kind of board has its own. */
  repository(name: string): string {
    return `${this.board.kind}/${name}`;
  }

  /** `REG/name` in the text is the repository of that name. */
  async writeProject(project: string, text: string): Promise<void> {
    const compose = text.replaceAll("REG/", `${this.registrySeen}/${this.board.kind}/`);
    await this.board.write(`/srv/projects/${project}/compose.yaml`, compose);
  }

  /** The agent's configuration and tokens, where its installation looks for them. */
  async configure(): Promise<void> {
    const config = {
      projects: "/srv/projects",
      // Nothing but webhooks, starts and people makes it look.
      schedule: "0 0 1 1 *",
      registries: { insecure: [this.registrySeen], docker_config: null },
      rollout: { monitor: "5s" },
      http: { token_file: TOKENS.http },
      webhooks: { token_file: TOKENS.hooks },
    };
    await this.board.write(TOKENS.http, `${this.token}\n`, "600");
    await this.board.write(TOKENS.hooks, `${this.hookToken}\n`, "600");
    await this.board.write("/etc/boardhand/boardhand.yml", JSON.stringify(config, null, 2));
  }

  /** Tells the agent of a push, as a person's own script would; the answer's status. */
  async tell(name: string, tag = "latest"): Promise<number> {
    const answer = await fetch(`${this.page}/hooks/generic/${this.hookToken}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ image: `${this.reference(name)}:${tag}` }),
    });
    await answer.body?.cancel();
    return answer.status;
  }

  /** One look at everything, as a person asks for it. */
  async check(): Promise<void> {
    const headers = { authorization: `Bearer ${this.token}`, "content-type": "application/json" };
    const answer = await fetch(`${this.page}/api/v1/check`, { method: "POST", headers, body: "{}" });
    if (answer.status !== 202) throw new Error(`check: ${answer.status} ${await answer.text()}`);
    await answer.body?.cancel();
  }

  async agentIsWell(): Promise<void> {
    await this.comesAbout(
      "an agent that is well",
      async () => (await fetch(`${this.page}/healthz`, { signal: AbortSignal.timeout(30_000) })).status,
      (status) => status === 200,
    );
  }

  get page(): string {
    return `http://${this.board.at(PAGE)}`;
  }

  async status(): Promise<AgentStatus> {
    return (await this.#get("/api/v1/status")) as AgentStatus;
  }

  async project(name: string): Promise<ProjectStatus> {
    const found = (await this.status()).projects.find((project) => project.name === name);
    if (found === undefined) throw new Error(`the agent knows no project ${name}`);
    return found;
  }

  async #get(path: string): Promise<unknown> {
    const answer = await fetch(`${this.page}${path}`, { signal: AbortSignal.timeout(30_000) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  /** What the sample says on its port; null while nobody answers. */
  async answer(port = 8081): Promise<string | null> {
    try {
      const answer = await fetch(`http://${this.board.at(port)}/`, { signal: AbortSignal.timeout(10_000) });
      return (await answer.text()).trim();
    } catch {
      return null;
    }
  }

  /** `name state` of the project's containers, sorted. */
  containers(project: string): Promise<readonly string[]> {
    return this.listed({ label: [`com.docker.compose.project=${project}`] });
  }

  /** `name state` of what the engine finds, sorted. */
  async listed(filters: Readonly<Record<string, readonly string[]>>): Promise<readonly string[]> {
    const words = encodeURIComponent(JSON.stringify(filters));
    const found = await this.engine<{ Names: string[]; State: string }[]>(
      `/containers/json?all=1&filters=${words}`,
    );
    return found.map(({ Names, State }) => `${Names[0]?.slice(1)} ${State}`).sort();
  }

  /** What the board's engine answers. Asked from here: a docker command on the board takes seconds of its processor. */
  async engine<T>(path: string): Promise<T> {
    const url = `${this.board.engine.replace("tcp:", "http:")}${path}`;
    const answer = await fetch(url, {
      signal: AbortSignal.timeout(30_000),
      headers: { connection: "close" },
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  /** Looks until it is so, through the errors of a board that is not up yet; fails with what was seen last. */
  async comesAbout<T>(what: string, look: () => Promise<T>, isSo: (seen: T) => boolean): Promise<T> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const seen = await look().then(
        (value) => ({ value, error: null }),
        (error: unknown) => ({ value: null, error }),
      );
      if (seen.error === null && isSo(seen.value as T)) return seen.value as T;
      if (Date.now() > deadline)
        throw new Error(
          `${what} did not come about; last seen: ${JSON.stringify(seen.value ?? String(seen.error))}\n${await this.#story()}`,
        );
      await delay(1000);
    }
  }

  /** For whoever has to find out what went wrong on a board that is gone: its containers, and what the agents said last. */
  async #story(): Promise<string> {
    const script =
      "uptime; free -m; docker ps -a; for name in $(docker ps -a --format '{{.Names}}' --filter name=boardhand)\n" +
      'do echo "== $name"; docker logs --tail 60 "$name" 2>&1; done';
    return this.board.run(script).then(
      ({ stdout, stderr }) => stdout + stderr,
      (error: unknown) => `and the board tells nothing: ${error}`,
    );
  }

  /** The project's rollout is over, one way or the other. */
  settled(project: string): Promise<ProjectStatus> {
    return this.comesAbout(
      `the end of ${project}'s rollout`,
      () => this.project(project),
      ({ busy, rollout }) => !busy && (rollout.state === "idle" || rollout.state === "stalled"),
    );
  }

  /** The sample answers with this version, and its rollout is over. */
  async runs(project: string, version: string, port = 8081): Promise<ProjectStatus> {
    await this.comesAbout(
      `version ${version} of ${project}`,
      () => this.answer(port),
      (seen) => seen === version,
    );
    return this.settled(project);
  }
}
