import type { IncomingMessage, ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { BOARDHAND, COMPOSE } from "../../../src/core/model/index.ts";
import { answer, failure, fakeEngine } from "./fake-engine.ts";

const DIGEST = `sha256:${"b".repeat(64)}`;
const LABELS = { [COMPOSE.project]: "home", [COMPOSE.service]: "web", [COMPOSE.containerNumber]: "1" };

type Answers = Readonly<Record<string, unknown>>;

/** Answers by path without version and query; 404 for what is not in the table. */
function serving(answers: Answers) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const path = (request.url ?? "").replace(/^\/v[\d.]+/, "").replace(/\?.*$/, "");
    const found = answers[decodeURIComponent(path)];
    answer(response, found === undefined ? 404 : 200, found ?? { message: "no such thing" });
  };
}

function board(containers: readonly string[], answers: Answers): Answers {
  return {
    "/containers/json": containers.map((Id) => ({ Id, Labels: LABELS })),
    "/networks": [],
    "/volumes": { Volumes: null },
    "/images/json": [],
    ...answers,
  };
}

function inspected(
  more: Readonly<Record<string, unknown>> = {},
  labels: Readonly<Record<string, string>> = {},
) {
  return { Id: "one", Name: "/home-web-1", Config: { Labels: { ...LABELS, ...labels } }, ...more };
}

async function containerOf(answer_: unknown) {
  const fake = await fakeEngine(serving({ "/containers/one/json": answer_ }));
  const container = await fake.engine.inspectContainer("one");
  if (container === null) throw new Error("it is there");
  return container;
}

describe("observing", () => {
  it("leaves out a container that vanished between the list and the look", async () => {
    const fake = await fakeEngine(
      serving(board(["one", "gone"], { "/containers/one/json": inspected({ Name: "home-web-1" }) })),
    );
    const seen = await fake.engine.observe("home");
    expect(seen.containers.map((one) => one.name)).toEqual(["home-web-1"]);
  });

  it("takes RepoDigests from the list, and asks once for an image that is not on it", async () => {
    const fake = await fakeEngine(
      serving(
        board(["one", "two", "three"], {
          "/images/json": [{ Id: "listed", RepoTags: null, RepoDigests: [`app@${DIGEST}`], Size: 5 }],
          "/containers/one/json": inspected({ Image: "listed" }),
          "/containers/two/json": inspected({ Id: "two", Name: "/home-web-2", Image: "removed" }),
          "/containers/three/json": inspected({ Id: "three", Name: "/home-web-3", Image: "removed" }),
        }),
      ),
    );
    const seen = await fake.engine.observe("home");
    expect(seen.containers.map((one) => one.repoDigests)).toEqual([[`app@${DIGEST}`], [], []]);
    expect(seen.images).toEqual([{ id: "listed", repoTags: [], repoDigests: [`app@${DIGEST}`], size: 5 }]);
    expect(fake.requests.filter((one) => one.includes("/images/removed"))).toHaveLength(1);
  });

  it("one container alone asks for nothing else", async () => {
    const container = inspected({ Image: "sha256:1", State: { Status: "running" } });
    const fake = await fakeEngine(serving({ "/containers/one/json": container }));
    expect(await fake.engine.inspectContainer("one")).toMatchObject({ id: "one", state: "running" });
    expect(await fake.engine.inspectContainer("two")).toBeNull();
    expect(fake.requests).toEqual([
      "GET /_ping",
      "GET /v1.41/containers/one/json",
      "GET /v1.41/containers/two/json",
    ]);
  });

  it("asks for at most eight containers at a time", async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `c${index}`);
    const waiting: ServerResponse[] = [];
    let [asked, most] = [0, 0];
    const answerAll = (): void => {
      most = Math.max(most, waiting.length);
      for (const response of waiting.splice(0)) answer(response, 404, { message: "gone" });
    };
    const table = serving(board(ids, {}));
    const fake = await fakeEngine((request, response) => {
      if (!/containers\/c\d+/.test(request.url ?? "")) {
        table(request, response);
        return;
      }
      asked += 1;
      // The pause after the eighth is for a ninth that must not come.
      if (waiting.push(response) === 8 || asked === ids.length) setTimeout(answerAll, 50);
    });
    await fake.engine.observe("home");
    expect(most).toBe(8);
  });

  it("an engine that fails one look must fail the whole", async () => {
    const table = serving(board(["one"], {}));
    const fake = await fakeEngine((request, response) =>
      request.url?.includes("/containers/one/") === true
        ? answer(response, 500, { message: "broken" })
        : table(request, response),
    );
    expect(await failure(fake.engine.observe("home"))).toMatchObject({ code: "E_ENGINE_REFUSED" });
  });

  it("leaves the engine's stand-ins for no name out of the images", async () => {
    const image = { Id: "x", RepoTags: ["<none>:<none>"], RepoDigests: ["<none>@<none>"], Size: 1 };
    const fake = await fakeEngine(serving(board([], { "/images/json": [image] })));
    expect((await fake.engine.observe("home")).images).toEqual([
      { id: "x", repoTags: [], repoDigests: [], size: 1 },
    ]);
  });
});

describe("a container", () => {
  it("of the containerd store is known by the manifest that the engine names, unless our label says more", async () => {
    const ImageManifestDescriptor = { digest: DIGEST };
    expect((await containerOf(inspected({ ImageManifestDescriptor }))).platformDigest).toBe(DIGEST);
    const ours = `sha256:${"c".repeat(64)}`;
    const labelled = inspected({ ImageManifestDescriptor }, { [BOARDHAND.platformDigest]: ours });
    expect((await containerOf(labelled)).platformDigest).toBe(ours);
  });

  it("must not take a label that is no digest for one", async () => {
    const labelled = inspected({}, { [BOARDHAND.platformDigest]: "sha256:latest" });
    expect((await containerOf(labelled)).platformDigest).toBeNull();
  });

  it.each([
    ["running", "running"],
    ["removing", "removing"],
    ["stopped", "exited"],
    ["configured", "created"],
    ["stopping", "running"],
    ["whatever", "dead"],
  ])("in state %s is %s", async (Status, state) => {
    expect((await containerOf(inspected({ State: { Status } }))).state).toBe(state);
  });

  it("tells health with the last probe's words, cut to 300 characters", async () => {
    const Log = [{ Output: "old" }, { Output: ` ${"x".repeat(500)}` }];
    const found = await containerOf(inspected({ State: { Health: { Status: "unhealthy", Log } } }));
    expect(found.health).toBe("unhealthy");
    expect(found.healthOutput).toBe("x".repeat(300));
  });

  it("tells fixed host ports only, an address for all as none", async () => {
    const PortBindings = {
      "80/tcp": [
        { HostIp: "", HostPort: "8080" },
        { HostIp: "0.0.0.0", HostPort: "8081" },
      ],
      "53/udp": [{ HostIp: "127.0.0.1", HostPort: "53" }],
      "81/tcp": [{ HostIp: "", HostPort: "" }],
      "82/tcp": [{ HostIp: "", HostPort: "0" }],
      "83/tcp": null,
    };
    const found = await containerOf(inspected({ HostConfig: { PortBindings } }));
    expect(found.hostPorts).toEqual(["127.0.0.1:53/udp", ":8080/tcp", ":8081/tcp"]);
  });

  it("names every container that it joins once", async () => {
    const HostConfig = {
      NetworkMode: "container:aa",
      IpcMode: "container:bb",
      PidMode: "host",
      VolumesFrom: ["cc:ro", "aa"],
    };
    expect((await containerOf(inspected({ HostConfig }))).sharedWith).toEqual(["aa", "bb", "cc"]);
  });

  it("that never ran has no times, and one without a number is the first", async () => {
    const never = "0001-01-01T00:00:00Z";
    const found = await containerOf({ Id: "one", State: { StartedAt: never, FinishedAt: "" } });
    expect(found).toMatchObject({ startedAt: null, finishedAt: null, number: 1, restartPolicy: "no" });
    const State = { StartedAt: "2026-11-21T04:00:00.123456789Z" };
    expect((await containerOf(inspected({ State }))).startedAt).toBe(Date.UTC(2026, 10, 21, 4, 0, 0, 123));
  });
});

describe("facts", () => {
  it("tell the containerd store, podman, and where the engine pulls without TLS", async () => {
    const fake = await fakeEngine(
      serving({
        "/version": { Version: "5.4.2", Arch: "arm64", Os: "linux", Components: [{ Name: "Podman Engine" }] },
        "/info": {
          Architecture: "arm64",
          DriverStatus: [["driver-type", "io.containerd.snapshotter.v1"]],
          DockerRootDir: "/var/lib/docker",
          RegistryConfig: {
            InsecureRegistryCIDRs: ["127.0.0.0/8"],
            IndexConfigs: { "docker.io": { Secure: true }, "10.0.2.2:5000": { Secure: false } },
          },
        },
      }),
    );
    expect(await fake.engine.facts()).toMatchObject({
      product: "podman",
      store: "containerd",
      dataRoot: "/var/lib/docker",
      apiVersion: "1.41",
      insecureRegistries: ["10.0.2.2:5000", "127.0.0.0/8"],
    });
  });
});

describe("events", () => {
  it("are those of compose services, in the form of API 1.52; probes and one-off containers are left out", async () => {
    const attributes = { [COMPOSE.project]: "home", [COMPOSE.service]: "web" };
    const events = [
      { Action: "exec_die", Actor: { ID: "one", Attributes: attributes } },
      { Action: "start", Actor: { ID: "two", Attributes: {} } },
      { Action: "start", Actor: { ID: "three", Attributes: { ...attributes, [COMPOSE.oneoff]: "True" } } },
      { Action: "health_status: unhealthy", Actor: { ID: "four", Attributes: attributes } },
    ];
    const fake = await fakeEngine((_, response) => {
      for (const event of events) response.write(`${JSON.stringify(event)}\n`);
    });
    const stream = fake.engine.events(new AbortController().signal)[Symbol.asyncIterator]();
    expect((await stream.next()).value).toEqual({
      project: "home",
      service: "web",
      containerId: "four",
      action: "health_status",
    });
    expect(fake.requests.at(-1)).toContain('"label":["com.docker.compose.project"]');
  });

  it("that the engine ends must be E_ENGINE_UNAVAILABLE", async () => {
    const fake = await fakeEngine((_, response) => void response.end());
    let opened = 0;
    const stream = fake.engine.events(new AbortController().signal, () => {
      opened += 1;
    });
    const next = stream[Symbol.asyncIterator]().next();
    expect(await failure(next)).toMatchObject({ code: "E_ENGINE_UNAVAILABLE", retry: "backoff" });
    expect(opened).toBe(1);
  });

  it("that the engine refuses must not count as opened", async () => {
    const fake = await fakeEngine((_, response) => void response.writeHead(500).end());
    const stream = fake.engine.events(new AbortController().signal, () => expect.unreachable());
    expect(await failure(stream[Symbol.asyncIterator]().next())).toMatchObject({
      code: expect.stringMatching(/^E_ENGINE/),
    });
  });
});
