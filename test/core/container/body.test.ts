// What is sent must be what docker compose 2.40.3 sends for the same file (each body was compared with its requests).
import { describe, expect, it } from "vitest";
import { composeHashes } from "../../../src/core/compose/hash/index.ts";
import { containerBody, containerName, withShares } from "../../../src/core/container/index.ts";
import type { ServiceSpec } from "../../../src/core/model/index.ts";
import { IMAGE_ID, input, PROJECT, service } from "./builders.ts";

describe("containerBody", () => {
  it("of a bare service must be complete and nothing more", () => {
    const bare = input();
    expect(containerBody(bare)).toStrictEqual({
      AttachStdin: false,
      AttachStdout: true,
      AttachStderr: true,
      Tty: false,
      OpenStdin: false,
      StdinOnce: false,
      Image: "x",
      Env: [],
      ExposedPorts: {},
      Labels: {
        "com.docker.compose.project": "p",
        "com.docker.compose.service": "web",
        "com.docker.compose.oneoff": "False",
        "com.docker.compose.container-number": "1",
        "com.docker.compose.config-hash": bare.service.composeHashes[0],
        "com.docker.compose.image": IMAGE_ID,
        "com.docker.compose.depends_on": "",
        "com.docker.compose.project.working_dir": "/srv/p",
        "com.docker.compose.project.config_files": "/srv/p/compose.yaml,/srv/p/more.yaml",
        "com.docker.compose.version": "2.40.3",
        "io.boardhand.definition-hash": bare.service.definitionHash,
        "io.boardhand.restart-policy": "no",
        "io.boardhand.revision": "rev",
      },
      HostConfig: {
        Binds: [],
        Mounts: [],
        NetworkMode: "p_default",
        PortBindings: {},
        RestartPolicy: { Name: "", MaximumRetryCount: 0 },
        LogConfig: { Type: "", Config: {} },
        ExtraHosts: [],
        Privileged: false,
        ReadonlyRootfs: false,
        OomKillDisable: false,
        Devices: [],
      },
      NetworkingConfig: {
        EndpointsConfig: { p_default: { Aliases: ["p-web-1", "web"], IPAMConfig: null } },
      },
    });
  });

  it.each<[string, Partial<ServiceSpec>, Record<string, unknown>]>([
    [
      "names",
      { hostname: "h", domainname: "d", user: "1", working_dir: "/w" },
      { Hostname: "h", Domainname: "d", User: "1", WorkingDir: "/w" },
    ],
    ["an empty command", { command: [], entrypoint: null }, { Cmd: [] }],
    ["an entrypoint", { entrypoint: ["/a"], command: ["b"] }, { Entrypoint: ["/a"], Cmd: ["b"] }],
    ["the environment", { environment: { B: "1=2", A: null, C: "" } }, { Env: ["A", "B=1=2", "C="] }],
    [
      "stopping",
      { stop_grace_period: 1_900e6, stop_signal: "SIGINT" },
      { StopTimeout: 1, StopSignal: "SIGINT" },
    ],
    ["a terminal", { tty: true, stdin_open: true }, { Tty: true, OpenStdin: true }],
    [
      "a disabled health check",
      { healthcheck: { disable: true, test: ["CMD", "a"] } },
      { Healthcheck: { Test: ["NONE"] } },
    ],
    [
      "a health check",
      {
        healthcheck: {
          test: ["CMD", "a"],
          interval: 5e9,
          timeout: 1e9,
          start_period: 2e9,
          start_interval: 1e8,
          retries: 3,
        },
      },
      {
        Healthcheck: {
          Test: ["CMD", "a"],
          Interval: 5e9,
          Timeout: 1e9,
          StartPeriod: 2e9,
          StartInterval: 1e8,
          Retries: 3,
        },
      },
    ],
    [
      "exposed and published ports",
      { expose: ["7000"], ports: [{ mode: "ingress", target: 80, protocol: "udp" }] },
      { ExposedPorts: { "7000": {}, "80/udp": {} } },
    ],
  ])("must carry %s into the configuration", (_title, spec, expected) => {
    expect(containerBody(input(spec))).toMatchObject(expected);
  });

  it("must share by container id and hash what it shares, as docker compose does", () => {
    const spec: ServiceSpec = {
      image: "x",
      network_mode: "service:vpn",
      pid: "service:vpn",
      ipc: "shareable",
      volumes_from: ["vpn:ro", "container:other:rw", "container:plain"],
    };
    const shares = { vpn: "abc" };
    const body = containerBody(
      input({}, { service: service({}, { spec, sharesWith: ["vpn"] }), networks: [], shares }),
    );
    expect(body.HostConfig).toMatchObject({
      NetworkMode: "container:abc",
      PidMode: "container:abc",
      IpcMode: "shareable",
      VolumesFrom: ["abc:ro", "other:rw", "plain"],
    });
    expect(body).not.toHaveProperty("NetworkingConfig");
    const hashed = {
      ...spec,
      network_mode: "container:abc",
      pid: "container:abc",
      volumes_from: ["abc", "other", "plain"],
    };
    expect(withShares(spec, shares)).toStrictEqual(hashed);
    expect(withShares({ image: "x" }, shares)).toStrictEqual({ image: "x" });
    expect(body.Labels).toMatchObject({ "com.docker.compose.config-hash": composeHashes(hashed)[0] });
    expect(() => withShares(spec, {})).toThrow(
      expect.objectContaining({
        code: "E_COMPOSE",
        message: "service vpn is shared but has no container",
        hint: "start vpn first, or remove the reference to it",
        data: { service: "vpn" },
      }),
    );
  });

  it("must carry of a health check only what the file says", () => {
    const sent = (healthcheck: ServiceSpec["healthcheck"] & object) =>
      containerBody(input({ healthcheck })).Healthcheck;
    expect(sent({ retries: 3 })).toStrictEqual({ Retries: 3 });
    expect(sent({ test: ["NONE"], interval: 1 })).toStrictEqual({ Test: ["NONE"], Interval: 1 });
  });

  it("must switch the network off where the mode says disabled", () => {
    const body = containerBody(input({ network_mode: "disabled" }));
    expect(body.NetworkDisabled).toBe(true);
    expect(body).not.toHaveProperty("NetworkingConfig");
  });

  it("must join nothing where no network is given", () => {
    const body = containerBody(input({ networks: {} }, { networks: [] }));
    expect(body.HostConfig).toMatchObject({ NetworkMode: "none" });
    expect(body).not.toHaveProperty("NetworkingConfig");
  });

  it("must label what it does not share with the hash it was given, none being none", () => {
    const hash = (parts: Parameters<typeof service>[1]) =>
      (containerBody(input({}, { service: service({}, parts) })).Labels as Record<string, string>)[
        "com.docker.compose.config-hash"
      ];
    expect(hash({ composeHashes: ["first", "second"] })).toBe("first");
    expect(hash({ composeHashes: [] })).toBe("");
  });

  it("must not let a label of the file stand in for one of the tool", () => {
    const labels = { "com.docker.compose.project": "other", mine: "1" };
    expect(containerBody(input({ labels })).Labels).toMatchObject({
      "com.docker.compose.project": "p",
      mine: "1",
    });
  });

  it("must label dependencies, environment files and the digests it was pinned to", () => {
    const body = containerBody(
      input(
        {},
        {
          project: { ...PROJECT, environmentFiles: ["a.env", "b.env"] },
          service: service(
            {},
            {
              dependsOn: [
                { service: "db", condition: "service_healthy", restart: true, required: true },
                { service: "mq", condition: "service_started", restart: false, required: false },
              ],
            },
          ),
          pinned: {
            reference: "x",
            name: "docker.io/library/x",
            tag: "latest",
            indexDigest: "sha256:1",
            platformDigest: "sha256:2",
            configDigest: "sha256:3",
            platform: { os: "linux", architecture: "arm", variant: "v7" },
            layers: [],
          },
        },
      ),
    );
    expect(body.Labels).toMatchObject({
      "com.docker.compose.depends_on": "db:service_healthy:true,mq:service_started:false",
      "com.docker.compose.project.environment_file": "a.env,b.env",
      "io.boardhand.index-digest": "sha256:1",
      "io.boardhand.platform-digest": "sha256:2",
    });
  });
});

describe("names", () => {
  it("must be compose's, or the one the file gives", () => {
    expect(containerName(PROJECT, service(), 2)).toBe("p-web-2");
    expect(containerName(PROJECT, service({ container_name: "own" }), 1)).toBe("own");
  });
});
