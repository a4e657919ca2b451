// Every method of the Engine port against a real engine and a real registry.
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { systemClock } from "../../../src/adapters/clock/index.ts";
import { createEngine } from "../../../src/adapters/engine/index.ts";
import { BOARDHAND, BoardhandError, COMPOSE, type Platform } from "../../../src/core/model/index.ts";
import type { PullProgress } from "../../../src/ports/index.ts";
import { appImage } from "../../lab/images.ts";
import { type PushedImage, pushImage, pushIndex } from "../../lab/push.ts";
import { freePort } from "../../lab/registry.ts";
import { answerOn } from "../failures/support.ts";
import { silentLog } from "./support.ts";

const PROJECT = "engineport";
const AMD64: Platform = { os: "linux", architecture: "amd64", variant: null };
const ARMV7: Platform = { os: "linux", architecture: "arm", variant: "v7" };
const LABELS = { [COMPOSE.project]: PROJECT, [COMPOSE.service]: "web", [COMPOSE.containerNumber]: "1" };

const engine = createEngine({ host: inject("engineHost"), tls: null, clock: systemClock(), log: silentLog });
const target = { address: inject("registryAddress"), repository: "engine/app" };
const name = `${target.address}/${target.repository}`;
const never = new AbortController().signal;
let image: PushedImage;

async function pull(digest: string, platform = AMD64): Promise<PullProgress[]> {
  const seen: PullProgress[] = [];
  const wanted = { name, digest, platform, credentials: null };
  await engine.pullImage(wanted, (progress) => seen.push(progress), never);
  return seen;
}

async function create(container: string, body: Record<string, unknown> = {}): Promise<string> {
  const Image = `${name}@${image.digest}`;
  return engine.createContainer(container, { Image, Labels: LABELS, ...body }, AMD64);
}

function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => "done",
    (error: unknown) => (error instanceof BoardhandError ? error.code : error),
  );
}

beforeAll(async () => {
  // Of this file alone: the engine reports no layer of an image that it has already, from whatever repository.
  const [amd64, armhf] = await Promise.all([
    appImage({ arch: "amd64", version: "engine-port", behaviour: "serve" }),
    appImage({ arch: "armhf", version: "engine-port", behaviour: "serve" }),
  ]);
  image = await pushImage(target, null, amd64);
  const arm = await pushImage(target, null, armhf);
  await pushIndex(target, "1", [{ image }, { image: arm }]);
  await pushIndex(target, "arm-only", [{ image: arm }]);
});

afterAll(async () => {
  const left = await engine.observe(PROJECT);
  for (const container of left.containers) await engine.removeContainer(container.id);
});

describe("facts", () => {
  it("speaks an API version between 1.40 and 1.51 and names the engine", async () => {
    const facts = await engine.facts();
    expect(Number(facts.apiVersion.slice(2))).toBeGreaterThanOrEqual(40);
    expect(Number(facts.apiVersion.slice(2))).toBeLessThanOrEqual(51);
    expect(facts).toMatchObject({ os: "linux", product: "docker", store: "classic" });
    expect(facts.insecureRegistries).toContain("127.0.0.0/8");
    expect(facts.memoryBytes).toBeGreaterThan(0);
  });
});

describe("pulling", () => {
  it("brings the image by digest and counts its layers", async () => {
    const progress = await pull(image.digest);
    expect(progress.at(-1)).toMatchObject({ layers: 2, layersDone: 2 });
    const inspected = await engine.inspectImage(`${name}@${image.digest}`);
    expect(inspected).toMatchObject({ id: image.configDigest, os: "linux", architecture: "amd64" });
    expect(inspected?.repoDigests).toContain(`${name}@${image.digest}`);
  });

  it("an error inside an answer of status 200 must be E_PULL that is not retried", async () => {
    const index = await pushIndex(target, null, [{ image: await foreign() }]);
    const error = await pull(index.digest).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "E_PULL", retry: "never" });
    expect(String(error)).toMatch(/no matching manifest/);
  });

  it("a digest that the registry does not have must be E_PULL", async () => {
    expect(await codeOf(pull(`sha256:${"0".repeat(64)}`))).toBe("E_PULL");
  });

  it("a signal that is aborted must end the pull as E_ABORTED", async () => {
    const wanted = { name, digest: image.digest, platform: AMD64, credentials: null };
    const stopped = engine.pullImage(wanted, () => undefined, AbortSignal.abort(new Error("enough")));
    expect(await codeOf(stopped)).toBe("E_ABORTED");
  });

  it("a foreign platform is pulled when it is asked for", async () => {
    const arm = await foreign();
    await pull(arm.digest, ARMV7);
    const inspected = await engine.inspectImage(`${name}@${arm.digest}`);
    expect(inspected).toMatchObject({ architecture: "arm", variant: "v7" });
  });

  async function foreign(): Promise<PushedImage> {
    return pushImage(
      target,
      null,
      await appImage({ arch: "armhf", version: "engine-port-foreign", behaviour: "exit" }),
    );
  }
});

describe("images", () => {
  it("are tagged, listed and removed, and removing one that is gone is no error", async () => {
    await pull(image.digest);
    await engine.tagImage(`${name}@${image.digest}`, `${name}:kept`);
    const listed = (await engine.observe(PROJECT)).images.find((one) => one.id === image.configDigest);
    expect(listed?.repoTags).toContain(`${name}:kept`);
    await engine.removeImage(`${name}:kept`);
    await engine.removeImage(`${name}:kept`);
    expect(await engine.inspectImage(`${name}:kept`)).toBeNull();
  });
});

describe("a container's life", () => {
  it("is created, started, renamed, stopped and removed, and every state is observed", async () => {
    await pull(image.digest);
    const labels = { ...LABELS, [BOARDHAND.platformDigest]: image.digest, [COMPOSE.configHash]: "abc" };
    const port = await freePort();
    const id = await create("life-1", {
      Labels: labels,
      StopTimeout: 3,
      ExposedPorts: { "8080/tcp": {} },
      HostConfig: {
        PortBindings: { "8080/tcp": [{ HostIp: "127.0.0.1", HostPort: String(port) }] },
        RestartPolicy: { Name: "on-failure", MaximumRetryCount: 3 },
      },
    });
    expect(await engine.inspectContainer(id)).toMatchObject({
      id,
      name: "life-1",
      service: "web",
      number: 1,
      state: "created",
      health: "none",
      startedAt: null,
      finishedAt: null,
      restartPolicy: "on-failure:3",
      stopGraceMs: 3000,
      imageId: image.configDigest,
      platformDigest: image.digest,
      composeHash: "abc",
      hostPorts: [`127.0.0.1:${port}/tcp`],
    });
    await engine.startContainer(id);
    await engine.startContainer(id);
    await engine.renameContainer(id, "life-1.retired-0123");
    await engine.setRestartPolicy(id, "no");
    const running = await engine.inspectContainer(id);
    expect(running).toMatchObject({ state: "running", name: "life-1.retired-0123", restartPolicy: "no" });
    expect(running?.startedAt).toBeGreaterThan(0);
    // What answers has told the kernel before how it wants to be stopped.
    expect(await answerOn(port)).toBe("engine-port");
    await engine.stopContainer(id, 120_000);
    await engine.stopContainer(id, null);
    expect(await engine.inspectContainer(id)).toMatchObject({ state: "exited", exitCode: 0 });
    await engine.removeContainer(id);
    await engine.removeContainer(id);
    expect(await engine.inspectContainer(id)).toBeNull();
  });

  it("serves on its published port, also under emulation", async () => {
    const emulated = inject("emulators").includes("qemu-arm");
    const spec = await appImage({
      arch: emulated ? "armhf" : "amd64",
      version: "served",
      behaviour: "serve",
    });
    const { digest } = await pushImage(target, null, spec);
    const platform = emulated ? ARMV7 : AMD64;
    await pull(digest, platform);
    const port = await freePort();
    const body = {
      Image: `${name}@${digest}`,
      Labels: LABELS,
      ExposedPorts: { "8080/tcp": {} },
      HostConfig: { PortBindings: { "8080/tcp": [{ HostIp: "127.0.0.1", HostPort: String(port) }] } },
    };
    const id = await engine.createContainer("served-1", body, platform);
    await engine.startContainer(id);
    expect(await answerOn(port)).toBe("served");
    await engine.stopContainer(id, 120_000);
    expect(await engine.inspectContainer(id)).toMatchObject({ state: "exited", exitCode: 0 });
    await engine.removeContainer(id);
  });

  it("a name that is taken must be refused with the engine's words and status 409", async () => {
    const id = await create("clash-1");
    const error = await create("clash-1").catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "E_ENGINE_REFUSED", retry: "never", data: { status: 409 } });
    expect(String(error)).toMatch(/already in use/);
    await engine.removeContainer(id);
  });

  it("an image that is not here must be refused with status 404", async () => {
    const absent = engine.createContainer("absent-1", { Image: "absent:latest" }, null);
    expect(await absent.catch((reason: unknown) => reason)).toMatchObject({ data: { status: 404 } });
  });

  it("a running container is removed at once", async () => {
    const id = await create("running-1");
    await engine.startContainer(id);
    await engine.removeContainer(id);
    expect(await engine.inspectContainer(id)).toBeNull();
  });
});

describe("observing a project", () => {
  it("sees its containers in order, what they share, and networks and volumes; one-off containers are left out", async () => {
    await engine.createNetwork({ Name: "engineport_net", Labels: { [COMPOSE.project]: PROJECT } });
    await engine.createVolume({ Name: "engineport_data", Labels: { [COMPOSE.project]: PROJECT } });
    const second = await create("web-2", { Labels: { ...LABELS, [COMPOSE.containerNumber]: "2" } });
    const first = await create("web-1", { HostConfig: { Binds: ["engineport_data:/data"] } });
    await engine.connectNetwork("engineport_net", first, { Aliases: ["web"] });
    const joined = await create("sidecar-1", {
      Labels: { ...LABELS, [COMPOSE.service]: "sidecar" },
      HostConfig: { NetworkMode: `container:${first}` },
    });
    const once = await create("once-1", { Labels: { ...LABELS, [COMPOSE.oneoff]: "True" } });
    const seen = await engine.observe(PROJECT);
    expect(seen.containers.map((one) => one.name)).toEqual(["sidecar-1", "web-1", "web-2"]);
    expect(seen.containers[0]?.sharedWith).toEqual([first]);
    expect(seen.containers[1]?.mounts).toMatchObject([
      { type: "volume", name: "engineport_data", destination: "/data", writable: true },
    ]);
    expect(seen.networks.find((one) => one.name === "engineport_net")?.labels).toEqual({
      [COMPOSE.project]: PROJECT,
    });
    expect(seen.volumes.map((one) => one.name)).toContain("engineport_data");
    expect(await engine.projects()).toContain(PROJECT);
    for (const id of [joined, once, first, second]) await engine.removeContainer(id);
    await deleteRaw("/networks/engineport_net");
    await deleteRaw("/volumes/engineport_data");
  });

  it("a health check's state and last words are observed", async () => {
    const sick = await appImage({ arch: "amd64", version: "sick", behaviour: "unhealthy" });
    const pushed = await pushImage(target, null, sick);
    await pull(pushed.digest);
    const id = await engine.createContainer(
      "sick-1",
      { Image: `${name}@${pushed.digest}`, Labels: LABELS },
      null,
    );
    await engine.startContainer(id);
    await expect.poll(async () => (await engine.inspectContainer(id))?.health).toBe("unhealthy");
    expect((await engine.inspectContainer(id))?.healthOutput).toBe("not yet healthy");
    await engine.removeContainer(id);
  });
});

describe("events", () => {
  it("tell of a project's containers until the signal aborts", async () => {
    const stop = new AbortController();
    const stream = engine.events(stop.signal)[Symbol.asyncIterator]();
    const next = stream.next();
    const id = await create("event-1");
    // The stream may open after the first start, so there are several.
    const busy = (async () => {
      while (!stop.signal.aborted) {
        await engine.startContainer(id);
        await engine.stopContainer(id, 1_000);
      }
    })();
    expect((await next).value).toMatchObject({ project: PROJECT, service: "web", containerId: id });
    stop.abort();
    await busy;
    let last = await stream.next();
    while (last.done !== true) last = await stream.next();
    await engine.removeContainer(id);
  });
});

/** What the port has no method for, since Boardhand never does it. */
function deleteRaw(path: string): Promise<void> {
  const socketPath = inject("engineHost").slice("unix://".length);
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, path, method: "DELETE" }, (response) => {
      response.resume();
      response.once("end", resolve);
    });
    call.once("error", reject);
    call.end();
  });
}
