import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createCredentials } from "../../../src/adapters/credentials/index.ts";

const clock = { monotonic: () => performance.now() };

let directory = "";
let path = "";
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "boardhand-credentials-"));
  path = join(directory, "config.json");
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

const b64 = (text: string) => Buffer.from(text).toString("base64");
const write = (value: unknown) => writeFile(path, typeof value === "string" ? value : JSON.stringify(value));
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail("nothing was thrown"),
    (error) => error,
  );

describe("a login must be found as docker finds it", () => {
  it("split at the first colon", async () => {
    await write({ auths: { "ghcr.io": { auth: b64("me:p:a:ss") } } });
    const found = await createCredentials(path, clock).forRegistry("ghcr.io");
    expect(found).toMatchObject({ username: "me", identityToken: null, serverAddress: "ghcr.io" });
    expect(found?.password.reveal()).toBe("p:a:ss");
  });

  it.each(["https://index.docker.io/v1/", "docker.io", "index.docker.io"])(
    "Docker Hub's under %s",
    async (key) => {
      await write({ auths: { [key]: { auth: b64("me:pw") } } });
      expect(await createCredentials(path, clock).forRegistry("docker.io")).toMatchObject({
        username: "me",
        serverAddress: "https://index.docker.io/v1/",
      });
    },
  );

  it.each(["nas:5000", "https://nas:5000", "http://nas:5000/v2/"])("a host's under %s", async (key) => {
    await write({ auths: { [key]: { username: "me", password: "pw" } } });
    expect((await createCredentials(path, clock).forRegistry("nas:5000"))?.username).toBe("me");
    expect(await createCredentials(path, clock).forRegistry("nas")).toBeNull();
  });

  it("the exact key before an old spelling", async () => {
    const auths = {
      "https://nas/v1/": { auth: b64("old:x") },
      nas: { auth: b64("new:x") },
      "http://nas": { auth: b64("older:x") },
    };
    await write({ auths });
    expect((await createCredentials(path, clock).forRegistry("nas"))?.username).toBe("new");
  });

  it("identity and registry tokens", async () => {
    await write({ auths: { a: { auth: b64("me:"), identitytoken: "id" }, b: { registrytoken: "rt" } } });
    const credentials = createCredentials(path, clock);
    expect((await credentials.forRegistry("a"))?.identityToken?.reveal()).toBe("id");
    expect((await credentials.forRegistry("b"))?.registryToken?.reveal()).toBe("rt");
  });

  it("and printed nowhere", async () => {
    await write({ auths: { a: { auth: b64("me:hidden"), identitytoken: "hidden" } } });
    const found = await createCredentials(path, clock).forRegistry("a");
    expect(`${JSON.stringify(found)} ${inspect(found, { depth: 9 })}`).not.toContain("hidden");
  });
});

describe("no login must be anonymous", () => {
  it("without a path, without a file, without an entry, with an empty entry", async () => {
    expect(await createCredentials(null, clock).forRegistry("a")).toBeNull();
    expect(await createCredentials(path, clock).forRegistry("a")).toBeNull();
    await write({ auths: { a: {} } });
    expect(await createCredentials(path, clock).forRegistry("a")).toBeNull();
    expect(await createCredentials(path, clock).forRegistry("b")).toBeNull();
    await write("{}");
    expect(await createCredentials(path, clock).forRegistry("b")).toBeNull();
  });
});

describe("the file must be read again when it changed", () => {
  it("and only then", async () => {
    await write({ auths: { a: { auth: b64("one:x") } } });
    const credentials = createCredentials(path, clock);
    expect((await credentials.forRegistry("a"))?.username).toBe("one");
    await write({ auths: { a: { auth: b64("two:x") } } });
    await utimes(path, new Date(), new Date(Date.now() + 5_000));
    expect((await credentials.forRegistry("a"))?.username).toBe("two");
    await rm(path);
    expect(await credentials.forRegistry("a")).toBeNull();
  });
});

describe("what cannot be used must be said, without the secrets in it", () => {
  it.each([
    ["broken JSON", '{"auths": {"a": {"auth": "hidden', /not JSON/],
    ["no object", "[1]", /not a JSON object/],
    ["an entry that is no object", '{"auths": {"a": "hidden"}}', /auths\.a/],
    ["an auth without a colon", JSON.stringify({ auths: { a: { auth: b64("hidden") } } }), /base64/],
    ["a helper for the host", '{"credHelpers": {"a": "ecr-login"}}', /docker-credential-ecr-login/],
    [
      "a store that holds the entry",
      '{"auths": {"a": {}}, "credsStore": "desktop"}',
      /docker-credential-desktop/,
    ],
    ["a file of 2 MiB", `{"x": "${"h".repeat(2 * 1024 ** 2)}"}`, /larger/],
  ])("%s", async (_, content, message) => {
    await write(content);
    const error = await failure(createCredentials(path, clock).forRegistry("a"));
    expect(error).toMatchObject({ code: "E_REGISTRY_AUTH", message: expect.stringMatching(message) });
    expect(error.message).toContain(path);
    expect(error.hint).not.toBeNull();
    expect(`${inspect(error)} ${inspect(error.cause)}`).not.toContain("hidden");
  });

  it("a directory in its place, as an engine's mount makes it", async () => {
    await mkdir(path);
    expect(await failure(createCredentials(path, clock).forRegistry("a"))).toMatchObject({
      code: "E_REGISTRY_AUTH",
      message: expect.stringMatching(/directory/),
    });
  });

  it("a store must not stand in the way of hosts that it does not hold", async () => {
    await write({ auths: { a: { auth: b64("me:x") } }, credsStore: "desktop" });
    expect((await createCredentials(path, clock).forRegistry("a"))?.username).toBe("me");
    expect(await createCredentials(path, clock).forRegistry("b")).toBeNull();
  });
});
