// The next agent's container, made after what a real engine (20.10) told of the present one.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { object } from "../../src/core/model/engine-json.ts";
import { AGENT, type HandOver } from "../../src/core/model/index.ts";
import type { Blueprint } from "../../src/ports/index.ts";
import { preflightOf, updaterOf } from "../../src/self-update/helpers.ts";
import { successorOf } from "../../src/self-update/successor.ts";
import { pinned } from "../support/builders.ts";

const IMAGE = { ...pinned("boardhand", "2"), reference: "reg.example/boardhand:latest" };

describe("the successor", () => {
  it("must leave out what came from the image, so that the new image's own word counts", () => {
    const { body } = made("plain");
    for (const key of ["Cmd", "Entrypoint", "Healthcheck", "StopSignal", "User", "WorkingDir", "Hostname"])
      expect(body, key).not.toHaveProperty(key);
    expect(body.Env).toEqual([]);
    expect(body.ExposedPorts).toEqual({});
    expect(body.Labels).toEqual({
      "io.boardhand.platform-digest": IMAGE.platformDigest,
      "io.boardhand.index-digest": IMAGE.indexDigest,
    });
    expect(body.Image).toBe("reg.example/boardhand:latest");
  });

  it("must keep ports, mounts and restart policy", () => {
    expect(hostOf("plain")).toMatchObject({
      PortBindings: { "8080/tcp": [{ HostIp: "", HostPort: "8080" }] },
      Binds: ["/var/run/docker.sock:/var/run/docker.sock", "boardhand-state:/data"],
      RestartPolicy: { Name: "unless-stopped" },
    });
    expect(made("plain").body).not.toHaveProperty("NetworkingConfig");
  });

  it("must keep the host's network, its read-only root and tmpfs, and take no host name for a wish", () => {
    expect(hostOf("host")).toMatchObject({
      NetworkMode: "host",
      ReadonlyRootfs: true,
      Tmpfs: { "/tmp": "size=8m" },
    });
    expect(made("host").body).not.toHaveProperty("Hostname");
    expect(made("host").body).not.toHaveProperty("NetworkingConfig");
  });

  it("must join the same networks with the person's names and addresses, and none of the engine's", () => {
    const front = { Aliases: ["board"] };
    const back = { Aliases: ["hand"], IPAMConfig: { IPv4Address: "10.99.7.9" } };
    const old = made("networks");
    expect(old.body.NetworkingConfig).toEqual({ EndpointsConfig: { front } });
    expect(old.further).toEqual([{ network: "back", endpoint: back }]);
    const current = made("networks", "1.44");
    expect(current.body.NetworkingConfig).toEqual({ EndpointsConfig: { front, back } });
    expect(current.further).toEqual([]);
  });

  it("must keep whatever a person said beyond the image", () => {
    const { body } = made("rights");
    expect(body).toMatchObject({
      Hostname: "board7",
      User: "10001:10001",
      WorkingDir: "/",
      StopTimeout: 60,
      Cmd: ["sleep", "2000"],
      Env: expect.arrayContaining(["BOARDHAND_LOG__LEVEL=debug", "TZ=Europe/Zurich"]),
      Labels: { mine: "1" },
    });
    expect((body.Env as string[]).some((entry) => entry.startsWith("PATH="))).toBe(false);
    expect(object(body.Healthcheck).Interval).toBe(5e9);
    expect(hostOf("rights")).toMatchObject({
      CapAdd: ["CAP_NET_ADMIN"],
      CapDrop: ["ALL"],
      GroupAdd: ["999"],
      Memory: 200 * 1024 * 1024,
      SecurityOpt: ["label=disable"],
      Devices: [{ PathOnHost: "/dev/null", PathInContainer: "/dev/thing" }],
    });
  });

  it("must take over nameless volumes by the engine's name for them", () => {
    const [mount] = hostOf("rights").Mounts as { Source: string }[];
    expect(mount).toMatchObject({ Type: "volume", Target: "/nameless", ReadOnly: false });
    expect(mount?.Source).toMatch(/^[0-9a-f]{64}$/);
    const named = (hostOf("rights").Mounts as { Target: string }[]).map(({ Target }) => Target);
    expect(named).toEqual(["/nameless"]);
  });

  it("must send an entry point of a person's own with its command, which the engine takes from no image then", () => {
    const { container, image } = recorded("plain");
    const config = { ...object(container.Config), Entrypoint: ["/init"] };
    const { body } = of({ container: { ...container, Config: config }, image });
    expect(body).toMatchObject({ Entrypoint: ["/init"], Cmd: ["sleep", "1000"] });
  });

  it("must keep another container's network without names that would be refused there", () => {
    expect(hostOf("joined").NetworkMode).toMatch(/^container:[0-9a-f]{64}$/);
    for (const key of ["Hostname", "Domainname", "NetworkingConfig"])
      expect(made("joined").body, key).not.toHaveProperty(key);
  });

  it("must carry no record of an earlier hand-over, and tell docker compose of its image", () => {
    const { container, image } = recorded("plain");
    const Labels = {
      [AGENT.old]: "a",
      [AGENT.digest]: "b",
      "com.docker.compose.image": "sha256:old",
      own: "1",
    };
    const config = { ...object(container.Config), Labels };
    const labels = object(of({ container: { ...container, Config: config }, image }).body.Labels);
    expect(labels).toMatchObject({ "com.docker.compose.image": "sha256:new", own: "1" });
    expect(labels).not.toHaveProperty(AGENT.old);
    expect(labels).not.toHaveProperty(AGENT.digest);
  });

  it("must be made even when the old image is gone", () => {
    const { body } = of({ container: recorded("plain").container, image: null });
    expect(body.Cmd).toEqual(["sleep", "1000"]);
  });
});

describe("the pre-flight container", () => {
  it("must have all that the successor has, but for ports, names and a restart policy", () => {
    const { body } = preflightOf({
      blueprint: recorded("plain"),
      options: ["--config", "/c.yml"],
      apiVersion: "1.41",
    });
    expect(body).toMatchObject({
      Image: "sha256:bcd9a8323d9b1b0ee2e8de7ad941f9be94c02187972c74c4f375d0ab6240968e",
      Cmd: ["doctor", "--json", "--config", "/c.yml"],
      Labels: { [AGENT.role]: "preflight" },
      Healthcheck: { Test: ["NONE"] },
    });
    expect(body.HostConfig).toMatchObject({
      PortBindings: {},
      RestartPolicy: { Name: "no" },
      AutoRemove: false,
      Binds: ["/var/run/docker.sock:/var/run/docker.sock", "boardhand-state:/data"],
    });
    for (const key of ["Hostname", "Entrypoint", "MacAddress"]) expect(body, key).not.toHaveProperty(key);
  });

  it("must be in the same networks without taking an address or a name in them", () => {
    const old = preflightOf({ blueprint: recorded("networks"), options: [], apiVersion: "1.41" });
    expect(old.further).toEqual([{ network: "back", endpoint: {} }]);
    const current = preflightOf({ blueprint: recorded("networks"), options: [], apiVersion: "1.44" });
    expect(current.body.NetworkingConfig).toEqual({ EndpointsConfig: { back: {}, front: {} } });
  });
});

describe("the updater", () => {
  const handOver: HandOver = {
    old: "a".repeat(64),
    successor: "b".repeat(64),
    name: "boardhand",
    restartPolicy: "always",
    digest: "sha256:new",
  };
  const updater = (name: string, remoteEngine = false) =>
    updaterOf({
      blueprint: recorded(name),
      options: [],
      apiVersion: "1.41",
      handOver,
      // The socket is mounted as /var/run, and may be named as /run.
      needs: remoteEngine ? [] : ["/run/docker.sock"],
      remoteEngine,
    });

  it("must have the engine's socket, and neither the state nor a port nor a network", () => {
    const { body, further } = updater("plain");
    expect(body.HostConfig).toMatchObject({
      NetworkMode: "none",
      RestartPolicy: { Name: "always" },
      Mounts: [
        {
          Type: "bind",
          Source: "/var/run/docker.sock",
          Target: "/var/run/docker.sock",
          ReadOnly: false,
        },
      ],
    });
    expect(body.HostConfig).not.toHaveProperty("PortBindings");
    expect(further).toEqual([]);
  });

  it("must know from its labels what it is for", () => {
    expect(updater("plain").body).toMatchObject({
      Cmd: ["updater"],
      Labels: {
        [AGENT.role]: "updater",
        [AGENT.old]: handOver.old,
        [AGENT.successor]: handOver.successor,
        [AGENT.name]: "boardhand",
        [AGENT.restartPolicy]: "always",
        [AGENT.digest]: "sha256:new",
      },
    });
  });

  it("must be allowed what the agent is allowed, and be in its networks only where the engine is reached by them", () => {
    expect(updater("rights").body).toMatchObject({
      User: "10001:10001",
      HostConfig: { GroupAdd: ["999"], SecurityOpt: ["label=disable"], CapDrop: ["ALL"] },
    });
    expect(updater("networks", true)).toMatchObject({
      body: { HostConfig: { NetworkMode: "front", Mounts: [] } },
      further: [{ network: "back", endpoint: {} }],
    });
  });
});

function recorded(name: string): Blueprint {
  const read = (file: string) =>
    JSON.parse(readFileSync(join(import.meta.dirname, "inspects", `${file}.json`), "utf8"));
  return { container: read(name), image: read("image") };
}

function of(blueprint: Blueprint, apiVersion = "1.41") {
  return successorOf({ blueprint, image: IMAGE, imageId: "sha256:new", apiVersion, hostName: "the-host" });
}

function made(name: string, apiVersion?: string) {
  return of(recorded(name), apiVersion);
}

function hostOf(name: string): Readonly<Record<string, unknown>> {
  return object(made(name).body.HostConfig);
}
