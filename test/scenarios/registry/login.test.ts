import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createCredentials } from "../../../src/adapters/credentials/index.ts";
import { parseReference } from "../../../src/core/image/index.ts";
import { Secret } from "../../../src/core/model/index.ts";
import { pushImage } from "../../lab/push.ts";
import { type RunningRegistry, startRegistry } from "../../lab/registry.ts";
import { startTokenServer, type TokenServer } from "../../lab/token-server.ts";
import { login, registryClient, resolveOne, resolverOn } from "./support.ts";

const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
/** bcrypt of `secret`; Node has no bcrypt. */
const HTPASSWD = "me:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n";

describe("a registry with basic authentication", () => {
  let registry: RunningRegistry;
  let digest: string;
  beforeAll(async () => {
    registry = await startRegistry({ auth: { kind: "basic", htpasswd: HTPASSWD } });
    const target = { address: registry.address, repository: "app", authorization: basic("me", "secret") };
    ({ digest } = await pushImage(target, "1", { platform: "linux/arm64" }));
  });
  afterAll(() => registry?.stop());
  const resolve = (client = registryClient()) =>
    resolveOne(resolverOn(client), `${registry.address}/app:1`, "linux/arm64");

  it("must be read with the right login", async () => {
    expect(await resolve(registryClient(login("me", "secret")))).toMatchObject({
      image: { platformDigest: digest },
    });
  });
  it("must be held without one, and with a wrong one", async () => {
    expect(await resolve()).toMatchObject({ kind: "held", reason: "Unauthorized" });
    expect(await resolve(registryClient(login("me", "wrong")))).toMatchObject({
      kind: "held",
      reason: "Unauthorized",
      message: expect.stringContaining("rejects the credentials"),
    });
  });
});

describe("a registry with tokens", () => {
  let registry: RunningRegistry;
  let tokens: TokenServer;
  beforeAll(async () => {
    tokens = await startTokenServer({ users: { me: "secret" }, refresh: { "refresh-me": "me" } });
    registry = await startRegistry({ auth: { kind: "token", ...tokens } });
    for (const repository of ["public/app", "private/app"]) {
      const url = `${tokens.realm}?service=x&scope=repository:${repository}:pull,push`;
      const answer = await fetch(url, { headers: { authorization: basic("me", "secret") } });
      const { token } = (await answer.json()) as { token: string };
      const target = { address: registry.address, repository, authorization: `Bearer ${token}` };
      await pushImage(target, "1", { platform: "linux/arm64" });
    }
  });
  afterAll(async () => {
    await registry?.stop();
    await tokens?.stop();
  });
  const resolve = (name: string, client = registryClient()) =>
    resolveOne(resolverOn(client), `${registry.address}/${name}:1`, "linux/arm64");

  it("must be read anonymously where that is allowed, with one token for the whole round", async () => {
    tokens.asked.length = 0;
    expect((await resolve("public/app")).kind).toBe("pinned");
    expect(tokens.asked).toEqual([{ method: "GET", user: null, scope: "repository:public/app:pull" }]);
  });
  it("must be read with a login where it is not", async () => {
    expect(await resolve("private/app")).toMatchObject({ kind: "held", reason: "Unauthorized" });
    expect((await resolve("private/app", registryClient(login("me", "secret")))).kind).toBe("pinned");
  });
  it("must be read with a refresh token, by POST", async () => {
    tokens.asked.length = 0;
    const client = registryClient({ ...login("", ""), identityToken: new Secret("refresh-me") });
    expect((await resolve("private/app", client)).kind).toBe("pinned");
    expect(tokens.asked).toEqual([{ method: "POST", user: "me", scope: "repository:private/app:pull" }]);
  });
  it("must not see a wrong refresh token twice", async () => {
    tokens.asked.length = 0;
    const client = registryClient({ ...login("", ""), identityToken: new Secret("wrong") });
    const resolver = resolverOn(client);
    for (let n = 0; n < 3; n++) {
      const found = await resolveOne(resolver, `${registry.address}/private/app:1`, "linux/arm64", true);
      expect(found).toMatchObject({ kind: "held", reason: "Unauthorized" });
    }
    expect(tokens.asked).toHaveLength(1);
  });
  it("must be read with what a credential helper hands out, and be asked again with what it hands out later", async () => {
    const directory = await mkdtemp(join(tmpdir(), "boardhand-login-"));
    const secret = join(directory, "secret");
    const program = join(directory, "docker-credential-board");
    const answer = `printf '{"Username":"me","Secret":"%s"}' "$(cat ${secret})"`;
    await writeFile(program, `#!/bin/sh\ncat > ${directory}/asked\n${answer}\n`, { mode: 0o755 });
    const config = join(directory, "config.json");
    await writeFile(config, JSON.stringify({ credHelpers: { [registry.address]: "board" } }));
    vi.stubEnv("PATH", `${directory}:${process.env.PATH}`);
    try {
      const time = { now: 0 };
      const credentials = createCredentials(config, { monotonic: () => time.now });
      const client = registryClient(null, { credentials });
      await writeFile(secret, "outdated");
      expect(await resolve("private/app", client)).toMatchObject({ reason: "Unauthorized" });
      await writeFile(secret, "secret");
      time.now = 6 * 60_000;
      expect((await resolve("private/app", client)).kind).toBe("pinned");
      expect(await readFile(join(directory, "asked"), "utf8")).toBe(registry.address);
    } finally {
      vi.unstubAllEnvs();
      await rm(directory, { recursive: true });
    }
  });
  it("must not see a wrong login twice", async () => {
    tokens.asked.length = 0;
    const client = registryClient(login("me", "wrong"));
    const image = parseReference(`${registry.address}/private/app:1`);
    for (let n = 0; n < 3; n++) {
      await expect(client.head(image, "1")).rejects.toMatchObject({
        code: "E_REGISTRY_AUTH",
        retry: "never",
      });
    }
    expect(tokens.asked).toHaveLength(1);
  });
});
