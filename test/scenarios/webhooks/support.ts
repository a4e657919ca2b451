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
}

/** Version 1 runs; nothing but webhooks makes the daemon look again. */
export async function notified(options: NotifiedOptions = {}): Promise<Notified> {
  const made = await prepared(options);
  const { board } = made;
  await board.world.push("web", "1");
  await board.start();
  await board.comesToAnswer("web", "1");
  await board.settles();
  return made;
}

/** The same, with the daemon not yet started and nothing pushed. */
async function prepared({ github, trustedProxies = [] }: NotifiedOptions): Promise<Notified> {
  const directory = await mkdtemp(join(tmpdir(), "boardhand-hooks-"));
  ends.push(() => rm(directory, { recursive: true, force: true }));
  const token = randomBytes(32).toString("base64url");
  const tokenFile = join(directory, "token");
  await writeFile(tokenFile, `${token}\n`, { mode: 0o600 });
  const secretFile = join(directory, "github");
  if (github !== undefined) await writeFile(secretFile, github, { mode: 0o600 });
  const listen = `127.0.0.1:${await freePort()}`;
  const registry = await startRegistry({ notify: `http://${listen}/hooks/distribution/${token}` });
  ends.push(() => registry.stop());
  const more = {
    ...NEVER,
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

/** As a person's own script would. */
export async function tell({ board, token }: Notified, image: string): Promise<Response> {
  return await fetch(`${board.base}/hooks/generic/${token}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ image }),
  });
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
