// Logins of a push: nobody sees them, nothing of them is left behind, and one that is refused is not tried again.
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runPush } from "../../../src/pipeline/stages/push.ts";
import { startFaultyRegistry } from "../../lab/faulty-registry.ts";
import { type RunningRegistry, startRegistry } from "../../lab/registry.ts";
import { startTokenServer } from "../../lab/token-server.ts";
import { aarch64, armhf } from "../../pipeline/rows.ts";
import { usePush } from "./push-lab.ts";
import { allText, impatientClock } from "./registry-lab.ts";

const { stops, deps: depsOf, userConfig, nothingLeft, built, push } = usePush();

/** bcrypt of `secret`; Node has no bcrypt. */
const HTPASSWD = "me:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n";

describe("a registry with basic authentication", () => {
  const secret = { DOCKER_USERNAME: "me", DOCKER_PASSWORD: "secret" };
  const packed = Buffer.from("me:secret").toString("base64");
  let image: string;
  let registry: RunningRegistry;
  beforeAll(async () => {
    registry = await startRegistry({ auth: { kind: "basic", htpasswd: HTPASSWD } });
    image = `${registry.address}/team/app`;
    await built(`${image}:armhf`);
    await writeFile(join(userConfig(), "config.json"), '{"auths":{}}');
  });
  afterAll(() => registry?.stop());

  it("must be pushed to with the environment's login, which nobody sees and which leaves nothing behind", async () => {
    const outcome = await push({ image, environment: secret });
    expect(outcome).toMatchObject({ state: "done", data: { tags: { length: 3 } } });
    expect(outcome.calls.flatMap(({ args }) => args)).toContain("--password-stdin");
    for (const { environment } of outcome.calls) {
      expect(environment).toMatchObject({ DOCKER_PASSWORD: undefined, DOCKER_AUTH_CONFIG: undefined });
      expect(environment).toHaveProperty("DOCKER_PASSWORD");
    }
    const shown = JSON.stringify(outcome);
    expect(shown).not.toMatch(/"[^"]*\bsecret\b/);
    expect(shown).not.toContain(packed);
    expect(await readFile(join(userConfig(), "config.json"), "utf8")).toBe('{"auths":{}}');
    expect(await allText(userConfig())).not.toContain(packed);
  });

  it("must be pushed to through the context and the plugins of the user's own configuration", async () => {
    const own = join(userConfig(), "config.json");
    const { DOCKER_HOST: host = "" } = process.env;
    try {
      delete process.env.DOCKER_HOST;
      await promisify(execFile)("docker", ["context", "create", "lab", "--docker", `host=${host}`]);
      await promisify(execFile)("docker", ["context", "use", "lab"]);
      expect(await push({ image, environment: secret })).toMatchObject({ state: "done" });
    } finally {
      process.env.DOCKER_HOST = host;
      await writeFile(own, '{"auths":{}}');
    }
  });

  it("must take over the user's helper for this registry, and ask it nothing", async () => {
    const own = join(userConfig(), "config.json");
    const text = JSON.stringify({
      credsStore: "not-there",
      credHelpers: { [registry.address]: "not-there" },
    });
    try {
      await writeFile(own, text);
      expect(await push({ image, environment: secret })).toMatchObject({ state: "done" });
      expect(await readFile(own, "utf8")).toBe(text);
    } finally {
      await writeFile(own, '{"auths":{}}');
    }
  });

  it("must be pushed to with the login of config.json when the environment has none", async () => {
    const own = join(userConfig(), "config.json");
    try {
      await writeFile(own, JSON.stringify({ auths: { [registry.address]: { auth: packed } } }));
      const environment = { DOCKER_USERNAME: "", DOCKER_PASSWORD: "" };
      expect(await push({ image, environment })).toMatchObject({ state: "done" });
    } finally {
      await writeFile(own, '{"auths":{}}');
    }
  });

  it("must not be asked again with a wrong password, which is not shown", async () => {
    const clock = impatientClock();
    const proxy = await startFaultyRegistry(registry.address);
    stops.push(proxy.close);
    const through = `${proxy.address}/team/app`;
    await built(`${through}:armhf`);
    const environment = { DOCKER_USERNAME: "me", DOCKER_PASSWORD: "hunter2" };
    const deps = depsOf({ image: through, environment, clock });
    const outcomes = await Promise.all(
      [armhf, aarch64].map((row) => runPush(deps, row, `${through}:armhf`, [`x-${row.word}`])),
    );
    await deps.login.close();
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ state: "failed", failure: { code: "E_PUSH" } });
      expect(outcome.message).toContain(`${proxy.address} does not log DOCKER_USERNAME in`);
      expect(outcome.failure?.hint).toContain("nothing is tried again");
    }
    expect(clock.slept).toEqual([]);
    expect(proxy.asked.filter(({ authorized }) => authorized)).toHaveLength(1);
    expect(JSON.stringify([outcomes, deps.events])).not.toContain("hunter2");
    await nothingLeft();
  });

  it.each([
    [{}, "Set DOCKER_USERNAME and DOCKER_PASSWORD, or log in with docker login"],
    [{ DOCKER_USERNAME: "", DOCKER_PASSWORD: "" }, "Both are empty here"],
  ])("must say what is missing without a login: %j", async (environment, words) => {
    const clock = impatientClock();
    const outcome = await push({ image, environment: environment as Record<string, string>, clock });
    expect(outcome).toMatchObject({ state: "failed", failure: { code: "E_PUSH" }, data: { tags: [] } });
    expect(outcome.failure?.hint).toContain(words);
    expect(clock.slept).toEqual([]);
  });

  it("must not be asked with half a login", async () => {
    const outcome = await push({ image, environment: { DOCKER_PASSWORD: "hunter2" } });
    expect(outcome.message).toBe("DOCKER_PASSWORD is set, but DOCKER_USERNAME is not set");
    expect(outcome.text).toBe("");
  });

  it("must be left without anything behind when the push is interrupted", async () => {
    const abort = new AbortController();
    const onEvent = () => abort.abort();
    const outcome = await push({ image, environment: secret, signal: abort.signal, onEvent });
    expect(outcome).toMatchObject({ state: "failed", failure: { code: "E_ABORTED" } });
  });
});

describe("a registry that grants only pull", () => {
  it("must be told from one that is down, with what to do", async () => {
    const tokens = await startTokenServer({ users: { me: "secret" } });
    stops.push(tokens.stop);
    const registry = await startRegistry({ auth: { kind: "token", ...tokens } });
    stops.push(registry.stop);
    const image = `${registry.address}/public/app`;
    await built(`${image}:armhf`);
    const clock = impatientClock();
    const anonymous = await push({ image, clock });
    expect(anonymous).toMatchObject({ state: "failed", failure: { code: "E_PUSH" } });
    expect(anonymous.message).toMatch(/1\.2\.3-armhf was not pushed: .*(denied|unauthorized)/);
    expect(anonymous.failure?.hint).toContain("Set DOCKER_USERNAME");
    expect(clock.slept).toEqual([]);
    const environment = { DOCKER_USERNAME: "me", DOCKER_PASSWORD: "secret" };
    expect(await push({ image, environment })).toMatchObject({ state: "done" });
  });
});
