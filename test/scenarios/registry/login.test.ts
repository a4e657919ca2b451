import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseReference } from "../../../src/core/image/index.ts";
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
    tokens = await startTokenServer({ users: { me: "secret" } });
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
    expect(tokens.asked).toEqual([{ user: null, scope: "repository:public/app:pull" }]);
  });
  it("must be read with a login where it is not", async () => {
    expect(await resolve("private/app")).toMatchObject({ kind: "held", reason: "Unauthorized" });
    expect((await resolve("private/app", registryClient(login("me", "secret")))).kind).toBe("pinned");
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
