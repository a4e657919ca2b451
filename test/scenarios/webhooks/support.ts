// A board whose registry tells it of pushes: the daemon's port and token are known before the registry starts.
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import type { AgentStatus } from "../../../src/core/status/index.ts";
import { freePort, type RunningRegistry, startRegistry } from "../../lab/registry.ts";
import type { Daemon } from "../daemon/daemon.ts";
import { eventually } from "../daemon/process.ts";
import { daemon, NEVER, WEB } from "../daemon/support.ts";

const ends: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

export interface Notified {
  readonly board: Daemon;
  readonly registry: RunningRegistry;
  readonly token: string;
}

interface NotifiedOptions {
  /** What GitHub has to sign with. */
  readonly github?: string;
  readonly trustedProxies?: readonly string[];
  /** The registry tells nobody, and stands for Docker Hub. */
  readonly hub?: boolean;
  /** Of the daemon. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Version 1 runs; nothing but webhooks makes the daemon look again. */
export async function notified(options: NotifiedOptions = {}): Promise<Notified> {
  const made = await prepared(options);
  const { board } = made;
  await board.world.push("web", "1");
  await board.start(options.environment);
  await board.comesToAnswer("web", "1");
  await board.settles();
  return made;
}

/** The same, with the daemon not yet started and nothing pushed. */
async function prepared({ github, trustedProxies = [], hub = false }: NotifiedOptions): Promise<Notified> {
  const directory = await mkdtemp(join(tmpdir(), "boardhand-hooks-"));
  ends.push(() => rm(directory, { recursive: true, force: true }));
  const token = randomBytes(32).toString("base64url");
  const tokenFile = join(directory, "token");
  await writeFile(tokenFile, `${token}\n`, { mode: 0o600 });
  const secretFile = join(directory, "github");
  if (github !== undefined) await writeFile(secretFile, github, { mode: 0o600 });
  const listen = `127.0.0.1:${await freePort()}`;
  const notify = `http://${listen}/hooks/distribution/${token}`;
  const registry = await startRegistry(hub ? {} : { notify });
  const aliases = hub ? { [registry.address]: ["docker.io"] } : {};
  ends.push(() => registry.stop());
  const more = {
    ...NEVER,
    registries: { docker_config: null, timeout: "5s", aliases },
    http: { listen, trusted_proxies: trustedProxies },
    webhooks: {
      token_file: tokenFile,
      secret_files: { github: github === undefined ? null : secretFile },
    },
  };
  const board = await daemon({ compose: WEB, registry: registry.address }, more);
  return { board, registry, token };
}

export type Told = NonNullable<AgentStatus["webhooks"]>;

export async function told(board: Daemon): Promise<Told> {
  const { webhooks } = (await board.get("/api/v1/status")).body as AgentStatus;
  if (webhooks === null) throw new Error("the daemon has no webhooks");
  return webhooks;
}

export function comesToTell(board: Daemon, isSo: (seen: Told) => boolean): Promise<Told> {
  return eventually(() => told(board), isSo);
}

/** As a person's own script would; its status. */
export function tell(made: Notified, image: string): Promise<number> {
  return post(made, "generic", { image });
}

/** As Docker Hub would. */
export function tellAsHub(made: Notified, repository: string, tag: string): Promise<number> {
  return post(made, "dockerhub", {
    push_data: { pushed_at: 1631871970, images: [], tag, pusher: "somebody" },
    callback_url: "https://registry.hub.docker.com/u/ns/repo/hook/0123/",
    repository: { status: "Active", repo_name: repository, is_private: false, star_count: 0 },
  });
}

async function post({ board, token }: Notified, provider: string, payload: unknown): Promise<number> {
  const answer = await fetch(`${board.base}/hooks/${provider}/${token}`, {
    method: "POST",
    // A kept connection may be closed by the other side just as it is used again.
    headers: { "content-type": "application/json", connection: "close" },
    body: JSON.stringify(payload),
  });
  await answer.body?.cancel();
  return answer.status;
}

/** What set off each plan, the oldest first; the removal of the old containers and images comes when it comes. */
export async function causes(board: Daemon): Promise<readonly string[]> {
  const { body } = await board.get(`/api/v1/projects/${board.world.project}/history?limit=500`);
  const { entries } = body as { entries: { event: { type: string; trigger?: string } }[] };
  return entries
    .flatMap(({ event }) => (event.type === "plan" ? [event.trigger ?? ""] : []))
    .filter((trigger) => trigger !== "tidy" && trigger !== "retry")
    .reverse();
}
