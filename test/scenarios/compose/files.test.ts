// Secrets and configs on the real engine: mounted files, copied texts, and the real docker compose beside it.
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect } from "vitest";
import { composeBinary } from "../../lab/compose.ts";
import { eventually } from "../daemon/process.ts";
import { IDLE, inspect, lookIdly, pushScript, scenario, stepsOf } from "../failures/support.ts";
import type { World } from "../world.ts";
import { composeOn } from "./support.ts";

const WEB = `
services:
  web:
    image: REG/web
    restart: unless-stopped
`;
const TOKEN = "tok-3f9c1a77";

let binary: string;
beforeAll(async () => {
  binary = await composeBinary();
});

async function cat(board: World, path: string): Promise<string> {
  const { id } = await board.container("web");
  return (await board.docker("exec", id, "/bin/busybox", "cat", path)).stdout;
}

/** `mode uid gid` of a path in the container. */
async function owner(board: World, path: string): Promise<string> {
  const { id } = await board.container("web");
  return (await board.docker("exec", id, "/bin/busybox", "stat", "-c", "%a %u %g", path)).stdout.trim();
}

async function everything(directory: string): Promise<string> {
  const texts: string[] = [];
  for (const name of await readdir(directory, { recursive: true })) {
    const path = join(directory, name);
    if ((await stat(path)).isFile()) texts.push(await readFile(path, "utf8"));
  }
  return texts.join("\n");
}

const MOUNTED = `${WEB}    volumes: ["./own:/run/secrets/taken"]
    secrets: [one, {source: one, target: rel/deep, mode: 0400}, {source: one, target: taken}]
    configs: [c, {source: c, target: /etc/app/c.conf}, {source: c, target: /run/secrets/one}]
secrets: {one: {file: ./one.txt}}
configs: {c: {file: ./c.txt}}
`;
const COPIED = `${WEB}    secrets: [token, {source: token, target: /opt/deep/t, uid: "33", gid: "44", mode: 0400}, empty]
    configs: [{source: conf, target: /etc/app.conf, mode: 0640}]
secrets: {token: {environment: TOKEN}, empty: {environment: EMPTY}}
configs: {conf: {content: "token=\${TOKEN}\\n"}}
`;
const ENV = `TOKEN=${TOKEN}\nEMPTY=\n`;

async function serve(board: World, version = "1"): Promise<void> {
  await pushScript(board, "web", { version, script: IDLE });
}

describe("secrets and configs that are files", () => {
  scenario(
    "must be read-only mounts where docker compose has them, unless a volume is there",
    { compose: MOUNTED, files: { "one.txt": "first\n", "c.txt": "conf\n", own: "own\n" } },
    async (board) => {
      await serve(board);
      expect((await board.look()).rollout.kind).toBe("idle");
      expect(await cat(board, "/run/secrets/one")).toBe("first\n");
      expect(await cat(board, "/run/secrets/rel/deep")).toBe("first\n");
      expect(await cat(board, "/run/secrets/taken")).toBe("own\n");
      expect(await cat(board, "/c")).toBe("conf\n");
      expect(await cat(board, "/etc/app/c.conf")).toBe("conf\n");
      const ours = await board.container("web");
      const mounts = sorted(await inspect(board, ours.id, ".HostConfig.Mounts"));

      await composeOn(board, binary, "up", "-d");
      expect((await board.container("web")).id).toBe(ours.id);
      await composeOn(board, binary, "up", "-d", "--force-recreate");
      const theirs = await board.container("web");
      expect(theirs.id).not.toBe(ours.id);
      expect(sorted(await inspect(board, theirs.id, ".HostConfig.Mounts"))).toEqual(mounts);
      await lookIdly(board);
      expect((await board.container("web")).id).toBe(theirs.id);
    },
  );
});

describe("secrets and configs that are texts", () => {
  scenario(
    "must be in the container before its first start, with mode and owner, and nowhere in the state directory",
    { compose: COPIED, files: { ".env": ENV } },
    async (board) => {
      await pushScript(board, "web", {
        version: "1",
        script: `cp /run/secrets/token /tmp/at-start; ${IDLE}`,
      });
      expect((await board.look()).rollout.kind).toBe("idle");
      const atStart = await eventually(
        () => cat(board, "/tmp/at-start").catch(() => ""),
        (text) => text !== "",
      );
      expect(atStart).toBe(TOKEN);
      expect(await cat(board, "/etc/app.conf")).toBe(`token=${TOKEN}\n`);
      expect(await cat(board, "/opt/deep/t")).toBe(TOKEN);
      expect(await owner(board, "/run/secrets/token")).toBe("444 0 0");
      expect(await owner(board, "/opt/deep/t")).toBe("400 33 44");
      expect(await owner(board, "/etc/app.conf")).toBe("640 0 0");
      await expect(cat(board, "/run/secrets/empty")).rejects.toThrow();

      expect(await everything(board.state)).not.toContain(TOKEN);
      expect(JSON.stringify(board.events)).not.toContain(TOKEN);
      const ours = await board.container("web");
      await composeOn(board, binary, "up", "-d");
      expect((await board.container("web")).id).toBe(ours.id);
      await composeOn(board, binary, "up", "-d", "--force-recreate");
      expect(await owner(board, "/opt/deep/t")).toBe("400 33 44");
      expect(await owner(board, "/run/secrets/token")).toBe("444 0 0");
      await lookIdly(board);
    },
  );

  scenario(
    "must be copied anew before a later start, and a changed text alone must replace nothing",
    { compose: COPIED, files: { ".env": ENV } },
    async (board) => {
      await serve(board);
      await board.look();
      const { id } = await board.container("web");
      await writeFile(join(board.directory, ".env"), ENV.replace(TOKEN, "second"));
      await lookIdly(board);
      expect(await cat(board, "/run/secrets/token")).toBe(TOKEN);
      await board.docker("stop", "-t", "0", id);
      await board.look();
      await board.look({ force: true });
      expect((await board.container("web")).id).toBe(id);
      expect(await cat(board, "/run/secrets/token")).toBe("second");
      await serve(board, "2");
      await board.look();
      expect((await board.container("web")).id).not.toBe(id);
      expect(await cat(board, "/etc/app.conf")).toBe("token=second\n");
    },
  );

  scenario(
    "must still be there after a way back, which copies nothing",
    { compose: COPIED, files: { ".env": ENV } },
    async (board) => {
      await serve(board);
      await board.look();
      const { id } = await board.container("web");
      await pushScript(board, "web", { version: "2", script: "exit 3" });
      await writeFile(join(board.directory, ".env"), ENV.replace(TOKEN, "second"));
      expect((await board.look()).rollout).toMatchObject({ kind: "stalled", rolledBack: true });
      expect((await board.container("web")).id).toBe(id);
      expect(await cat(board, "/run/secrets/token")).toBe(TOKEN);
    },
  );

  scenario(
    "that cannot be copied into a read-only container must hold the service before anything is touched",
    {
      compose: `${COPIED}`.replace("    secrets:", "    read_only: true\n    secrets:"),
      files: { ".env": ENV },
    },
    async (board) => {
      await serve(board);
      await lookIdly(board);
      expect(board.held()).toEqual({ web: "ComposeInvalid" });
      expect(await board.containers()).toEqual([]);
    },
  );

  scenario(
    "that the engine refuses must stop the rollout before the old container is touched",
    { compose: COPIED, files: { ".env": ENV } },
    async (board) => {
      await serve(board);
      await board.look();
      const old = await board.container("web");
      await board.writeCompose(COPIED.replace("target: /etc/app.conf", "target: /bin/sh/under-a-file"));
      const { rollout, quarantine } = await board.look();
      expect(rollout).toMatchObject({ kind: "stalled", rolledBack: true });
      expect(quarantine).toEqual([]);
      const now = await board.container("web");
      expect([now.id, now.startedAt]).toEqual([old.id, old.startedAt]);
      expect(stepsOf(board).at(-1)).toBe("removeContainer");
    },
  );
});

function sorted(mounts: unknown): readonly string[] {
  return (mounts as readonly object[]).map((mount) => JSON.stringify(mount)).sort();
}
