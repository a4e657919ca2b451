// Boardhand's own three images, built on a real engine, each run on its own processor, emulated where that is another.
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { freePort } from "../../lab/registry.ts";
import { eventually } from "../daemon/process.ts";
import {
  type Built,
  buildOwnImages,
  Docker,
  OWN_IMAGES,
  type OwnBuild,
  type OwnImage,
  ROOT,
} from "./own-images.ts";

const MAX_OVER_BASE = 3_000_000;
/** A probe is a whole start of Node, which takes seconds under emulation. */
const HEALTHY_MS = 300_000;

let docker: Docker;
let own: OwnBuild;
const figures = new Map<string, Readonly<Record<string, unknown>>>();

beforeAll(async () => {
  docker = await Docker.create();
  own = await buildOwnImages(docker);
}, 20 * 60_000);

afterAll(async () => {
  const tags = [...own.built.values()].flatMap(({ tag, base }) => [tag, base.reference]);
  await docker.run("image", "rm", "--force", ...tags);
  await docker.end();
  const file = process.env.IMAGE_FIGURES;
  if (file !== undefined) await writeFile(file, JSON.stringify([...figures.values()]));
});

const socket = () => inject("engineHost").replace("unix://", "");
const builtFor = (image: OwnImage): Built => {
  const found = own.built.get(image.arch);
  if (found === undefined) throw new Error(`${image.arch} was not built`);
  return found;
};
/** The words of `docker run` up to the image, with the engine's socket inside. */
const running = (image: OwnImage, ...more: string[]) => [
  ...["run", "--platform", image.platform, "--volume", `${socket()}:/var/run/docker.sock`],
  ...[...more, builtFor(image).tag],
];

describe.each(OWN_IMAGES)("the image for $arch", (image) => {
  it("must be built, no larger than its base and 3 MB", async () => {
    const { tag, base, ms } = builtFor(image);
    await docker.ok("pull", "--quiet", "--platform", image.platform, base.reference);
    const [bytes, baseBytes] = [await sizeOf(tag), await sizeOf(base.reference)];
    expect(bytes - baseBytes).toBeGreaterThan(1_000_000);
    expect(bytes - baseBytes).toBeLessThan(MAX_OVER_BASE);
    figures.set(image.arch, { arch: image.arch, ms, bytes, baseBytes, ...(await packedSizes(image)) });
  });

  it("must say in its config what it is for and how it is run", async () => {
    const { Config, ...found } = await docker.inspect("image", builtFor(image).tag);
    expect(found).toMatchObject(image.config);
    expect(Config).toMatchObject({
      Entrypoint: ["boardhand"],
      Cmd: ["run"],
      StopSignal: "SIGTERM",
      ExposedPorts: { "8080/tcp": {} },
      Healthcheck: { Test: ["CMD", "boardhand", "status", "--health"], Interval: 60e9 },
      Labels: { "org.opencontainers.image.title": "Boardhand" },
    });
    const { User, Volumes } = Config as { User?: string; Volumes?: unknown };
    expect([User ?? "", Volumes ?? null]).toEqual(["", null]);
  });

  it("must run on its processor", async () => {
    const { version } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8"));
    const said = await docker.ok(
      "run",
      "--rm",
      "--platform",
      image.platform,
      builtFor(image).tag,
      "--version",
    );
    expect(said).toBe(version);
    const words = ["run", "--rm", "--platform", image.platform, "--entrypoint", "node", builtFor(image).tag];
    const processor = { amd64: "x64", armhf: "arm", aarch64: "arm64" }[image.arch];
    expect(await docker.ok(...words, "-p", "process.arch")).toBe(processor);
  });

  it("must hold no npm, no compiler, and of Boardhand what it runs and its licences", async () => {
    const { tag } = builtFor(image);
    const shell = ["run", "--rm", "--platform", image.platform, "--entrypoint", "sh", tag, "-c"];
    const unwanted = "npm npx yarn gcc cc g++ make python3 git curl wget";
    expect(await docker.ok(...shell, `for word in ${unwanted}; do command -v $word; done; true`)).toBe("");
    const files = await docker.ok(...shell, "cd /opt/boardhand && for file in * */*; do echo $file; done");
    const parts = /^dist\/boardhand-[\w-]+\.mjs$/;
    expect(
      files
        .split("\n")
        .filter((file) => !parts.test(file))
        .sort(),
    ).toEqual([
      "LICENSE",
      "config",
      "config/compose-spec.NOTICE",
      "config/compose-spec.json",
      "dist",
      "dist/boardhand.LICENSES.txt",
      "dist/boardhand.mjs",
      "package.json",
    ]);
    const history = await docker.ok("history", "--no-trunc", "--format", "{{.CreatedBy}}", tag);
    expect(history).toContain("boardhand --version");
    expect(history).not.toMatch(/password|secret|token|npm (ci|install)|gcc/i);
  });

  it("must look at the board with doctor", async () => {
    const { status, stdout, stderr } = await docker.run(...running(image, "--rm"), "doctor", "--json");
    const findings = JSON.parse(stdout) as { name: string; state: string; message: string }[];
    expect(findings.filter(({ state }) => state === "fail")).toEqual([]);
    expect(stderr.replace(/^WARNING: IPv4 forwarding .*\n/, "")).toBe("");
    expect(status).toBe(0);
    expect(findings.find(({ name }) => name === "engine")).toMatchObject({ state: "ok" });
  });

  it("must become healthy by its own word, serve its page, and stop when it is told to", async () => {
    const port = await freePort();
    const name = `boardhand-own-${image.arch}`;
    const words = [
      ...["--detach", "--name", name, "--publish", `127.0.0.1:${port}:8080`],
      // An emulated probe on a machine with much else to do takes longer than any on a board.
      ...["--health-interval", "2s", "--health-timeout", "120s"],
    ];
    const started = performance.now();
    await docker.ok(...running(image, ...words));
    try {
      await eventually(
        () => healthOf(name),
        (health) => health === "healthy",
        HEALTHY_MS,
      );
      figures.set(image.arch, { ...figures.get(image.arch), healthyMs: performance.now() - started });
      const answer = await fetch(`http://127.0.0.1:${port}/healthz`);
      expect([answer.status, await answer.json()]).toEqual([200, { ok: true, reasons: [] }]);
      await docker.ok("stop", "--time", "120", name);
      expect((await docker.inspect("container", name)).State).toMatchObject({
        ExitCode: 0,
        OOMKilled: false,
      });
    } finally {
      await docker.run("rm", "--force", "--volumes", name);
    }
  });
});

describe("without root", () => {
  const [image] = OWN_IMAGES;

  it("the agent must be healthy where its group may use the engine's socket, and keep its state", async () => {
    if (image === undefined) throw new Error("there is no image");
    const { gid } = await stat(socket());
    const name = "boardhand-own-user";
    const volume = `${name}-state`;
    const user = ["--user", "10001", "--group-add", String(gid), "--volume", `${volume}:/data`];
    await docker.ok(...running(image, "--detach", "--name", name, "--health-interval", "1s", ...user));
    try {
      await eventually(
        () => healthOf(name),
        (health) => health === "healthy",
        HEALTHY_MS,
      );
      expect(await docker.ok("exec", name, "sh", "-c", "id -u && touch /data/mine && echo kept")).toBe(
        "10001\nkept",
      );
    } finally {
      await docker.run("rm", "--force", name);
      await docker.run("volume", "rm", "--force", volume);
    }
  });
});

describe("the one tag of all three", () => {
  it("must give a container of each processor from the same list", async () => {
    const local = OWN_IMAGES.map(({ arch }) => `${own.image}:${arch}`);
    await docker.ok("image", "rm", "--force", ...local);
    const seen: string[] = [];
    for (const { platform } of OWN_IMAGES) {
      const words = ["run", "--rm", "--pull", "always", "--platform", platform];
      seen.push(await docker.ok(...words, "--entrypoint", "node", own.image, "-p", "process.arch"));
    }
    expect(seen).toEqual(["x64", "arm", "arm64"]);
  });
});

async function sizeOf(name: string): Promise<number> {
  return Number((await docker.inspect("image", name)).Size);
}

async function healthOf(name: string): Promise<string> {
  const { State } = (await docker.inspect("container", name)) as {
    State: { Status: string; Health: { Status: string } };
  };
  if (State.Status !== "running")
    throw new Error(`${name} is ${State.Status}: ${await docker.ok("logs", name)}`);
  return State.Health.Status;
}

/** What is sent, as the registry has it. */
async function packedSizes(image: OwnImage): Promise<object> {
  const address = inject("registryAddress");
  const answer = await fetch(`http://${address}/v2/boardhand/boardhand/manifests/${image.arch}`, {
    headers: { accept: "application/vnd.docker.distribution.manifest.v2+json" },
  });
  const { layers } = (await answer.json()) as { layers: { size: number }[] };
  const packedBytes = layers.reduce((sum, { size }) => sum + size, 0);
  return { packedBytes, basePackedBytes: builtFor(image).base.packedBytes };
}
