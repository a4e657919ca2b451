import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { type FaultyRegistry, startFaultyRegistry } from "../../lab/faulty-registry.ts";
import { appImage } from "../../lab/images.ts";
import { pushImage } from "../../lab/push.ts";
import { type RunningRegistry, startRegistry } from "../../lab/registry.ts";
import { expectUntouched, lookDirectly, scenario, skipTime } from "../failures/support.ts";
import type { World } from "../world.ts";

const encoded = (login: string) => Buffer.from(login).toString("base64");
/** bcrypt of `secret`; Node has no bcrypt. */
const HTPASSWD = "me:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n";

const lab: { registry: RunningRegistry | null; proxy: FaultyRegistry | null } = {
  registry: null,
  proxy: null,
};
const dockerConfig = join(tmpdir(), `boardhand-login-${process.pid}.json`);

beforeAll(async () => {
  lab.registry = await startRegistry({ auth: { kind: "basic", htpasswd: HTPASSWD } });
  lab.proxy = await startFaultyRegistry(lab.registry.address);
});
afterAll(async () => {
  await lab.proxy?.close();
  await lab.registry?.stop();
  await rm(dockerConfig, { force: true });
});

async function push(version: string): Promise<void> {
  const target = {
    address: lab.registry?.address ?? "",
    repository: "private/web",
    authorization: `Basic ${encoded("me:secret")}`,
  };
  await pushImage(target, "latest", await appImage({ arch: "amd64", version, behaviour: "serve" }));
}

async function logIn(login: string): Promise<void> {
  await writeFile(
    dockerConfig,
    JSON.stringify({ auths: { [lab.proxy?.address ?? ""]: { auth: encoded(login) } } }),
  );
}

async function firstLook(board: World): Promise<void> {
  await board.writeCompose(
    `services: {web: {image: "${lab.proxy?.address}/private/web", restart: unless-stopped}}`,
  );
  await board.look();
}

describe("a registry with a login", () => {
  const config = {
    registries: {
      insecure: [],
      mirrors: {},
      aliases: {},
      ca: {},
      dockerConfig,
      timeoutMs: 5000,
      parallelism: 4,
    },
  };

  scenario(
    "must be asked by the agent and pulled from by the engine with the login of docker's config, and be left alone with a wrong one",
    { compose: "services: {}", config },
    async (board) => {
      const proxy = lab.proxy;
      if (proxy === null) throw new Error("no proxy");
      await logIn("me:secret");
      // Of its own, so that the engine has to pull it.
      await push(board.project);
      await firstLook(board);
      expect(await board.answer("web")).toBe(board.project);
      const by = (who: string) => proxy.asked.filter((one) => one.by === who && one.authorized).length;
      expect(by("agent")).toBeGreaterThan(0);
      expect(by("engine")).toBeGreaterThan(0);

      const old = await board.container("web");
      await push("2");
      await logIn("me:wrong");
      proxy.asked.length = 0;
      for (let n = 0; n < 3; n++) {
        await lookDirectly(board, true);
        expect(board.held()).toEqual({ web: "Unauthorized" });
        await skipTime(board, 3_600_000);
      }
      expect(proxy.asked.filter((one) => one.authorized)).toHaveLength(1);
      await expectUntouched(board, "web", old);

      await logIn("me:secret");
      expect((await board.look()).rollout.kind).toBe("idle");
      expect(await board.answer("web")).toBe("2");
    },
  );
});
