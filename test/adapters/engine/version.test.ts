import { afterEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../../src/adapters/clock/index.ts";
import { createEngine } from "../../../src/adapters/engine/index.ts";
import { answer, failure, fakeEngine } from "./fake-engine.ts";

const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

afterEach(() => {
  vi.unstubAllEnvs();
});

function create(host: string, tls: { ca: string; cert: string; key: string } | null = null) {
  return createEngine({ host, tls, clock: systemClock(), log });
}

describe("the API version", () => {
  it.each([
    ["1.40", "1.40"],
    ["1.41", "1.41"],
    ["1.51", "1.51"],
    ["1.55", "1.51"],
  ])("of an engine that speaks up to %s is %s, and every path carries it", async (daemon, spoken) => {
    const fake = await fakeEngine((_, response) => answer(response, 200, []), { apiVersion: () => daemon });
    await fake.engine.projects();
    await fake.engine.projects();
    expect(fake.requests.filter((one) => one === "GET /_ping")).toHaveLength(1);
    const others = fake.requests.filter((one) => one !== "GET /_ping");
    expect(others.every((one) => one.startsWith(`GET /v${spoken}/`))).toBe(true);
  });

  it.each(["1.39", "1.12", "", "2.0", "newest"])("%j must be refused with what to do", async (daemon) => {
    const fake = await fakeEngine((_, response) => answer(response, 200, []), { apiVersion: () => daemon });
    expect(await failure(fake.engine.projects())).toMatchObject({
      code: "E_ENGINE_VERSION",
      retry: "never",
      hint: expect.stringContaining("Docker 19.03"),
    });
  });

  it.each([
    "client version 1.41 is too old. Minimum supported API version is 1.44, please upgrade your client",
    "client version 1.41 is too new. Maximum supported API version is 1.40",
  ])("is negotiated again after: %s", async (message) => {
    const offers = ["1.41", "1.44"];
    const fake = await fakeEngine(
      (request, response) => {
        if (request.url?.startsWith("/v1.41/") === true) answer(response, 400, { message });
        else answer(response, 200, []);
      },
      { apiVersion: () => offers.shift() ?? "1.44" },
    );
    expect(await fake.engine.projects()).toEqual([]);
    expect(fake.requests.at(-1)).toContain("/v1.44/");
  });

  it("that the engine goes on refusing must end as E_ENGINE_VERSION after one more try", async () => {
    const message = "client version 1.41 is too old. Minimum supported API version is 1.60";
    const fake = await fakeEngine((_, response) => answer(response, 400, { message }));
    expect(await failure(fake.engine.projects())).toMatchObject({ code: "E_ENGINE_VERSION" });
    expect(fake.requests).toHaveLength(4);
  });

  it("below 1.41 must leave the platform out when a container is created", async () => {
    const fake = await fakeEngine((_, response) => answer(response, 201, { Id: "one" }), {
      apiVersion: () => "1.40",
    });
    const platform = { os: "linux", architecture: "arm", variant: "v7" };
    expect(await fake.engine.createContainer("web-1", { Image: "a" }, platform)).toBe("one");
    expect(fake.requests.at(-1)).toBe("POST /v1.40/containers/create?name=web-1");
  });
});

describe("the engine's address", () => {
  it("comes from the configuration even where DOCKER_HOST says something else", async () => {
    vi.stubEnv("DOCKER_HOST", "tcp://203.0.113.1:2375");
    vi.stubEnv("DOCKER_TLS_VERIFY", "1");
    const fake = await fakeEngine((_, response) => answer(response, 200, []));
    expect(await fake.engine.projects()).toEqual([]);
  });

  it.each(["", "unix://", "/var/run/docker.sock", "http://board:2375", "tcp://"])(
    "%j must be refused as E_CONFIG",
    (host) => {
      expect(() => create(host)).toThrowError(expect.objectContaining({ code: "E_CONFIG" }));
    },
  );

  it("with TLS files that cannot be read must be refused as E_CONFIG that names the file", () => {
    const files = { ca: "/absent/ca.pem", cert: "/absent/cert.pem", key: "/absent/key.pem" };
    expect(() => create("tcp://127.0.0.1:2376", files)).toThrowError(/\/absent\/ca\.pem/);
  });

  it("where nobody listens must be E_ENGINE_UNAVAILABLE, to be tried again", async () => {
    const unavailable = { code: "E_ENGINE_UNAVAILABLE", retry: "backoff" };
    expect(await failure(create("unix:///absent/docker.sock").facts())).toMatchObject(unavailable);
    expect(await failure(create("tcp://127.0.0.1:1").facts())).toMatchObject(unavailable);
  });
});
