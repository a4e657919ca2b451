import { describe, expect, it } from "vitest";
import { privateConfig } from "../../../src/pipeline/login/docker-config.ts";

const made = (config: unknown, host: string) =>
  JSON.parse(privateConfig(JSON.stringify(config), host) ?? "null");

describe("a private config.json", () => {
  it("must keep everything but what concerns this registry", () => {
    const config = {
      auths: { "ghcr.io": { auth: "b2xkOm9sZA==" }, "quay.io": { auth: "cTpx" } },
      credHelpers: { "ghcr.io": "pass", "x.dkr.ecr.aws": "ecr-login" },
      credsStore: "desktop",
      currentContext: "remote",
      proxies: { default: { httpProxy: "http://proxy:3128" } },
    };
    expect(made(config, "ghcr.io")).toEqual({
      ...config,
      auths: { "quay.io": { auth: "cTpx" } },
      credHelpers: { "ghcr.io": "", "x.dkr.ecr.aws": "ecr-login" },
    });
  });

  it.each([
    ["docker.io", ["https://index.docker.io/v1/", "index.docker.io", "docker.io", "https://docker.io/v2/"]],
    ["10.0.2.2:5000", ["10.0.2.2:5000", "http://10.0.2.2:5000", "https://10.0.2.2:5000/v1/"]],
  ])("must drop every spelling of %s", (host, keys) => {
    const auths = Object.fromEntries(keys.map((key) => [key, { auth: "b2xkOm9sZA==" }]));
    expect(made({ auths: { ...auths, "10.0.2.2:5001": {} } }, host).auths).toEqual({ "10.0.2.2:5001": {} });
  });

  it("must keep docker from a store of its own choice, by the key that docker uses", () => {
    for (const text of [null, "", " \n", "{}"]) {
      expect(JSON.parse(privateConfig(text, "docker.io") ?? "")).toEqual({
        auths: {},
        credHelpers: { "https://index.docker.io/v1/": "" },
      });
    }
  });

  it("must be none for what is no JSON object, and take odd parts for empty", () => {
    for (const text of ["{", "[]", "null", "7"]) expect(privateConfig(text, "ghcr.io")).toBeNull();
    expect(made({ auths: [1], credHelpers: "x" }, "ghcr.io")).toEqual({
      auths: {},
      credHelpers: { "ghcr.io": "" },
    });
  });
});
