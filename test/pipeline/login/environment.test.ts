import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/core/model/index.ts";
import { environmentLogin, withEnvironment } from "../../../src/pipeline/login/index.ts";
import type { Credentials } from "../../../src/ports/index.ts";

describe("the login of the environment", () => {
  it("must be taken when both are there, without what pasting adds", () => {
    const login = environmentLogin({ DOCKER_USERNAME: " me\n", DOCKER_PASSWORD: " p w\r\n" });
    expect(login).toMatchObject({ kind: "login", username: "me" });
    expect(login.kind === "login" && login.password.reveal()).toBe(" p w");
    expect(JSON.stringify(login)).not.toContain("p w");
  });

  it.each([
    [{}, false],
    [{ DOCKER_USERNAME: undefined }, false],
    [{ DOCKER_USERNAME: "", DOCKER_PASSWORD: "" }, true],
    [{ DOCKER_USERNAME: "", DOCKER_PASSWORD: undefined }, true],
    [{ DOCKER_PASSWORD: "\n" }, true],
  ])("must be none for %j", (environment, empty) => {
    expect(environmentLogin(environment)).toEqual({ kind: "none", empty });
  });

  it.each([
    [{ DOCKER_USERNAME: "me" }, "DOCKER_USERNAME is set, but DOCKER_PASSWORD is not set"],
    [{ DOCKER_USERNAME: "me", DOCKER_PASSWORD: "" }, "DOCKER_USERNAME is set, but DOCKER_PASSWORD is empty"],
    [{ DOCKER_PASSWORD: "hunter2" }, "DOCKER_PASSWORD is set, but DOCKER_USERNAME is not set"],
    [
      { DOCKER_USERNAME: " ", DOCKER_PASSWORD: "hunter2" },
      "DOCKER_PASSWORD is set, but DOCKER_USERNAME is empty",
    ],
  ])("must be refused when half of it is missing, without telling the rest: %#", (environment, message) => {
    const login = environmentLogin(environment);
    expect(login).toMatchObject({ kind: "half", failure: { code: "E_PUSH", message } });
    expect(JSON.stringify(login)).not.toContain("hunter2");
  });
});

describe("credentials for our own calls", () => {
  const others: Credentials = {
    forRegistry: async (host) => ({
      username: `config.json of ${host}`,
      password: new Secret("other"),
      identityToken: null,
      serverAddress: host,
    }),
  };
  const asked = async (environment: Record<string, string>, host: string, ask = host) =>
    await withEnvironment(environment, host, others).forRegistry(ask);
  const me = { DOCKER_USERNAME: "me", DOCKER_PASSWORD: "secret" };

  it("must be the environment's for the registry of the image alone", async () => {
    expect(await asked(me, "ghcr.io")).toMatchObject({ username: "me", serverAddress: "ghcr.io" });
    expect(await asked(me, "ghcr.io", "docker.io")).toMatchObject({ username: "config.json of docker.io" });
    expect(await asked(me, "docker.io")).toMatchObject({ serverAddress: "https://index.docker.io/v1/" });
  });

  it("must be config.json's when the environment has none", async () => {
    expect(await asked({ DOCKER_USERNAME: "", DOCKER_PASSWORD: "" }, "ghcr.io")).toMatchObject({
      username: "config.json of ghcr.io",
    });
  });

  it("must not go on without half a login", async () => {
    await expect(asked({ DOCKER_USERNAME: "me" }, "ghcr.io")).rejects.toMatchObject({
      code: "E_REGISTRY_AUTH",
    });
  });
});
