import { chmod, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createCredentials, surveyConfig } from "../../../src/adapters/credentials/index.ts";
import { isAlive } from "../../support/process-state.ts";

let directory = "";
let path = "";
const time = { now: 0 };
const clock = { monotonic: () => time.now };

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "boardhand-helpers-"));
  path = join(directory, "config.json");
  time.now = 0;
  await mkdir(join(directory, "bin"));
  vi.stubEnv("PATH", `${join(directory, "bin")}:${process.env.PATH}`);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true });
});

const b64 = (text: string) => Buffer.from(text).toString("base64");
const write = (value: unknown) => writeFile(path, JSON.stringify(value));
const asked = async () => (await readFile(join(directory, "asked"), "utf8")).trimEnd().split("\n");

/** A helper that notes what it was asked; the script decides what it answers. */
async function helper(name: string, script: string): Promise<void> {
  const file = join(directory, "bin", `docker-credential-${name}`);
  const note = `server=$(cat)\necho "$1 $server" >> ${join(directory, "asked")}\n`;
  await writeFile(file, `#!/bin/sh\n${note}${script}\n`);
  await chmod(file, 0o755);
}
const answer = (user: string, secret: string) =>
  `printf '%s' '${JSON.stringify({ ServerURL: "x", Username: user, Secret: secret })}'`;
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail("nothing was thrown"),
    (error) => error,
  );

describe("a credential helper must be asked as docker asks it", () => {
  it("for the host that credHelpers names it for, before what is written in the file", async () => {
    await helper("own", answer("me", "pw"));
    await write({ credHelpers: { nas: "own" }, auths: { nas: { auth: b64("other:x") } } });
    const found = await createCredentials(path, clock).forRegistry("nas");
    expect(found).toMatchObject({ username: "me", identityToken: null, serverAddress: "nas" });
    expect(found?.password.reveal()).toBe("pw");
    expect(await asked()).toEqual(["get nas"]);
  });

  it("and its answer must be read as a whole, wherever the pipe cuts a letter in two", async () => {
    // ü in UTF-8 is C3 BC.
    await helper("own", `printf '{"Username":"me","Secret":"\\303'; sleep 0.2; printf '\\274"}'`);
    await write({ credHelpers: { nas: "own" } });
    const found = await createCredentials(path, clock).forRegistry("nas");
    expect(found?.password.reveal()).toBe("ü");
  });

  it("with Docker Hub's own key, and <token> for an identity token", async () => {
    await helper("own", answer("<token>", "refresh"));
    await write({ credHelpers: { "index.docker.io": "own" } });
    const found = await createCredentials(path, clock).forRegistry("docker.io");
    expect(found).toMatchObject({ username: "" });
    expect(found?.identityToken?.reveal()).toBe("refresh");
    expect(await asked()).toEqual(["get https://index.docker.io/v1/"]);
  });

  it("for every host when it is the credsStore, and the file where it has nothing", async () => {
    await helper("all", 'echo "credentials not found in native keychain"; exit 1');
    await write({ credsStore: "all", auths: { nas: { auth: b64("me:x") } } });
    const credentials = createCredentials(path, clock);
    expect((await credentials.forRegistry("nas"))?.username).toBe("me");
    expect(await credentials.forRegistry("ghcr.io")).toBeNull();
    expect(await asked()).toEqual(["get nas", "get ghcr.io"]);
  });

  it("but not for a host whose helper is the empty name", async () => {
    await helper("all", answer("stored", "x"));
    await write({ credsStore: "all", credHelpers: { nas: "" }, auths: { nas: { auth: b64("me:x") } } });
    expect((await createCredentials(path, clock).forRegistry("nas"))?.username).toBe("me");
  });

  it("once in five minutes, and again when the file has changed", async () => {
    await helper("own", answer("me", "pw"));
    await write({ credHelpers: { nas: "own" } });
    const credentials = createCredentials(path, clock);
    await Promise.all([credentials.forRegistry("nas"), credentials.forRegistry("nas")]);
    time.now = 4 * 60_000;
    await credentials.forRegistry("nas");
    expect(await asked()).toHaveLength(1);
    time.now = 6 * 60_000;
    await credentials.forRegistry("nas");
    expect(await asked()).toHaveLength(2);
    await utimes(path, new Date(), new Date(Date.now() + 5_000));
    await credentials.forRegistry("nas");
    expect(await asked()).toHaveLength(3);
  });
});

describe("a helper that is not there", () => {
  it("must be named with what to do, where it holds the login", async () => {
    await write({
      credHelpers: { nas: "gone" },
      credsStore: "away",
      auths: { ghcr: {}, own: { auth: b64("me:x") } },
    });
    const credentials = createCredentials(path, clock);
    expect(await failure(credentials.forRegistry("nas"))).toMatchObject({
      code: "E_REGISTRY_AUTH",
      message: `${path}: the credentials of nas: they are kept by docker-credential-gone, which is not here`,
      hint: expect.stringContaining("PATH"),
    });
    expect((await failure(credentials.forRegistry("ghcr"))).message).toContain("docker-credential-away");
    expect((await credentials.forRegistry("own"))?.username).toBe("me");
    expect(await credentials.forRegistry("elsewhere")).toBeNull();
  });

  it("must be found as soon as it is installed", async () => {
    await write({ credHelpers: { nas: "own" } });
    const credentials = createCredentials(path, clock);
    await failure(credentials.forRegistry("nas"));
    await helper("own", answer("me", "pw"));
    expect((await credentials.forRegistry("nas"))?.username).toBe("me");
  });

  it("must be told to doctor", async () => {
    await helper("own", answer("me", "pw"));
    await write({ credHelpers: { nas: "own", ghcr: "gone", quay: "gone" }, credsStore: "away" });
    expect(await surveyConfig(path)).toEqual({
      logins: 0,
      helpers: [
        { program: "docker-credential-own", hosts: ["nas"], installed: true },
        { program: "docker-credential-gone", hosts: ["ghcr", "quay"], installed: false },
        { program: "docker-credential-away", hosts: null, installed: false },
      ],
    });
    expect(await surveyConfig(`${path}.none`)).toEqual({ logins: null, helpers: [] });
  });

  it.each(["../../bin/sh", "a b", "x;touch y", "-x", ""])("nor run for the name %j", async (name) => {
    await write({ credHelpers: { nas: name === "" ? " " : name } });
    expect((await failure(createCredentials(path, clock).forRegistry("nas"))).message).toContain(
      "whose name is none",
    );
  });
});

describe("a helper that misbehaves must be an error without its secrets", () => {
  it.each([
    ["that fails", "echo 'the vault is locked'; exit 3", /exit code 3\): the vault is locked/],
    ["that fails with an answer", `${answer("me", "hidden")}; exit 1`, /exit code 1\)$/],
    ["that answers no JSON", "echo hidden", /did not answer in JSON/],
    ["that answers null", "echo null", /without Username and Secret/],
    ["that answers half", `echo '{"Username": "hidden"}'`, /without Username and Secret/],
    ["that never stops talking", "yes hidden", /more than 65536 bytes/],
  ])("%s", async (_, script, message) => {
    await helper("own", script);
    await write({ credHelpers: { nas: "own" } });
    const error = await failure(createCredentials(path, clock).forRegistry("nas"));
    expect(error).toMatchObject({ code: "E_REGISTRY_AUTH", message: expect.stringMatching(message) });
    expect(`${inspect(error)} ${inspect(error.cause)}`).not.toContain("hidden");
  });

  it("that hangs, with a child of its own", { timeout: 120_000 }, async () => {
    await helper("own", `sleep 300 & echo $! > ${join(directory, "child")}; wait`);
    await write({ credHelpers: { nas: "own" } });
    const error = await failure(createCredentials(path, clock).forRegistry("nas"));
    expect(error.message).toMatch(/did not end within 10 s/);
    const child = Number(await readFile(join(directory, "child"), "utf8"));
    expect(child).toBeGreaterThan(1);
    await expect.poll(() => isAlive(child), { timeout: 10_000 }).toBe(false);
  });

  it("whose output stays open after its end", async () => {
    await helper("own", `sleep 2 & ${answer("me", "pw")}`);
    await write({ credHelpers: { nas: "own" } });
    expect((await createCredentials(path, clock).forRegistry("nas"))?.username).toBe("me");
  });
});
