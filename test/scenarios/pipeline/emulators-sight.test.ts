// What the emulators stage sees: entries without the F flag, kernels that are not this machine's, switches, no engine.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createBinfmt } from "../../../src/adapters/binfmt/index.ts";
import { parsePlatform } from "../../../src/core/image/index.ts";
import { explainExecFailure } from "../../../src/pipeline/emulators/explain.ts";
import { BINFMT, register, registrations } from "../../lab/binfmt-state.ts";
import { magicOf } from "../../lab/emulator-images.ts";
import { docker, runStage, withoutPrograms } from "./emulators-support.ts";
import {
  ARM,
  type EmulatorWorld,
  kernelTest,
  NOTHING_CHANGED,
  RISCV,
  STATIC_QEMU,
  startWorld,
} from "./emulators-world.ts";

let world: EmulatorWorld;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

/** In an image that holds nothing but the ARM program. */
const runArm = () => docker("run", "--rm", "--platform", ARM, world.armImage);

describe("an entry without the F flag", () => {
  kernelTest(
    "must be left alone with a warning: images with a static QEMU inside run, others do not",
    ["qemu-arm"],
    async () => {
      await register({ name: "qemu-arm", interpreter: STATIC_QEMU, flags: "", ...magicOf("arm") });
      const entry = await registrations();
      const [{ outcome, warnings }, inside, outside] = await Promise.all([
        runStage({ emulators: "auto", platforms: [ARM] }),
        docker("run", "--rm", "--platform", ARM, world.armImageWithQemu),
        runArm(),
      ]);
      expect(outcome).toMatchObject({
        state: "done",
        message: "all emulators are there already, with restrictions; nothing was changed",
        data: { platforms: { [ARM]: "conditional" } },
      });
      expect(warnings).toEqual([expect.stringContaining(`only when they hold ${STATIC_QEMU}`)]);
      expect(await registrations()).toEqual(entry);
      expect(inside).toMatchObject({ status: 0, stdout: "it runs on ARM\n" });
      expect(outside.status).not.toBe(0);
      const explained = explainExecFailure(outside.stderr, parsePlatform(ARM), "amd64");
      expect(explained?.message).toContain("without the F flag");
    },
  );
});

describe("a program for a processor without an emulator", () => {
  kernelTest("must fail so that the missing emulator can be named", ["qemu-arm"], async () => {
    const { status, stderr } = await runArm();
    expect(status).not.toBe(0);
    const explained = explainExecFailure(stderr, parsePlatform(ARM), "amd64");
    expect(explained?.message).toContain("qemu-arm is not registered");
    expect(explained?.hint).toContain("update-binfmts --enable qemu-arm");
  });
});

describe("a kernel whose binfmt_misc cannot be seen here", () => {
  kernelTest("must be asked by running a program, before and after", ["qemu-riscv64"], async () => {
    const directory = await mkdtemp("/tmp/boardhand-unmounted-");
    const binfmt = createBinfmt(directory);
    const remains = async () => [
      (await docker("image", "ls", "-aq")).stdout.split("\n").sort(),
      await docker("ps", "-aq"),
    ];
    const before = await remains();
    try {
      const none = await runStage({ emulators: "none", platforms: [ARM, RISCV], binfmt });
      expect(none.outcome.failure?.message).toMatch(/^qemu-riscv64 not registered/);
      const choice = { image: world.images.tonistiigi };
      const { outcome } = await runStage({ emulators: choice, platforms: [ARM, RISCV], binfmt });
      expect(outcome).toMatchObject({
        state: "done",
        message: `registered qemu-riscv64 by ${world.images.tonistiigi}`,
      });
      const again = await runStage({ emulators: choice, platforms: [ARM, RISCV], binfmt });
      expect(again.outcome.message).toBe(NOTHING_CHANGED);
    } finally {
      await rm(directory, { recursive: true });
    }
    expect(await remains()).toEqual(before);
  });

  kernelTest("must be found restricted when its entry has no F flag", ["qemu-riscv64"], async () => {
    await register({
      ...{ name: "qemu-riscv64", interpreter: "/usr/bin/qemu-riscv64-static", flags: "" },
      ...magicOf("riscv64"),
    });
    const binfmt = createBinfmt("/nowhere");
    const { outcome, warnings } = await runStage({ emulators: "none", platforms: [RISCV], binfmt });
    expect(outcome).toMatchObject({ state: "done", data: { platforms: { [RISCV]: "conditional" } } });
    expect(warnings).toHaveLength(1);
  });

  test("must not be taken for this machine's when the engine is reached over TCP", async () => {
    const server = createServer({ allowHalfOpen: true }, (client) => {
      const upstream = connect({ path: world.engine.socket, allowHalfOpen: true });
      client.pipe(upstream).pipe(client);
      client.on("error", () => upstream.destroy());
      upstream.on("error", () => client.destroy());
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const at = server.address();
    if (at === null || typeof at === "string") throw new Error("no port was given");
    const binfmt = { read: () => Promise.reject(new Error("this machine's kernel is not asked")) };
    process.env.DOCKER_HOST = `tcp://127.0.0.1:${at.port}`;
    try {
      const there = await runStage({ emulators: "none", platforms: [ARM], binfmt });
      expect(there.outcome).toMatchObject({ state: "done", message: NOTHING_CHANGED });
      const host = await runStage({ emulators: "host", platforms: [RISCV], binfmt });
      expect(host.outcome.failure?.message).toContain("the engine runs on another kernel");
    } finally {
      process.env.DOCKER_HOST = world.engine.host;
      server.close();
    }
  });
});

describe("binfmt_misc of a namespace of its own, so that nobody else is touched", () => {
  test("must be refused with its master switch off, saying how to switch it on", async (context) => {
    const mount = `mount -t binfmt_misc binfmt_misc ${BINFMT} && echo 0 > ${BINFMT}/status`;
    const script = `${mount} && echo ready && exec sleep 60`;
    const child = spawn("unshare", ["-Urm", "sh", "-c", script], { stdio: ["ignore", "pipe", "ignore"] });
    try {
      const [said] = await Promise.race([once(child.stdout, "data"), once(child, "exit")]);
      // Kernels before 6.7 have only one for all.
      if (!String(said).includes("ready")) return context.skip();
      const binfmt = createBinfmt(join("/proc", String(child.pid), "root", BINFMT));
      expect(await binfmt.read()).toEqual({ mounted: true, enabled: false, entries: [] });
      const { outcome } = await runStage({ emulators: "auto", platforms: [ARM], binfmt });
      expect(outcome.failure).toMatchObject({
        code: "E_EMULATION",
        message: "binfmt_misc is switched off on this machine, with all its entries",
        hint: `As root: echo 1 > ${BINFMT}/status`,
      });
    } finally {
      child.kill("SIGKILL");
    }
  });
});

describe("an engine that does not answer", () => {
  test("must be refused as a program that failed, with what docker says", async () => {
    process.env.DOCKER_HOST = "unix:///nowhere/docker.sock";
    try {
      const { outcome } = await runStage({ emulators: "auto", platforms: [ARM] });
      expect(outcome.failure?.code).toBe("E_PROGRAM");
      expect(outcome.failure?.message).toContain("Cannot connect to the Docker daemon");
    } finally {
      process.env.DOCKER_HOST = world.engine.host;
    }
    const none = await runStage({ emulators: "auto", platforms: [ARM], programs: withoutPrograms("docker") });
    expect(none.outcome.failure?.code).toBe("E_PROGRAM");
  });
});

describe("buildctl without docker", () => {
  const programs = withoutPrograms("docker");

  test("must be looked after by this machine's kernel", async () => {
    const options = { emulators: "none", builder: "buildctl", programs } as const;
    const { outcome } = await runStage({ ...options, platforms: [ARM] });
    expect(outcome).toMatchObject({ state: "done", message: NOTHING_CHANGED });
    const other = await runStage({ ...options, platforms: [RISCV] });
    expect(other.outcome.failure?.code).toBe("E_EMULATION");
  });

  test("must be said not to be known when its daemon is elsewhere", async () => {
    const environment = { ...process.env, BUILDKIT_HOST: "tcp://10.1.2.3:1234" };
    const { outcome } = await runStage({
      ...{ emulators: "auto", builder: "buildctl", platforms: [ARM] },
      ...{ programs, environment },
    });
    expect(outcome.state).toBe("skipped");
    expect(outcome.message).toContain("BUILDKIT_HOST is not this machine");
  });
});

describe("a matrix that the engine's processor runs by itself", () => {
  test("must need nothing, and no kernel be asked", async () => {
    const binfmt = { read: () => Promise.reject(new Error("nothing is asked")) };
    const { outcome } = await runStage({
      emulators: "auto",
      platforms: ["linux/amd64", "linux/386"],
      binfmt,
    });
    expect(outcome).toMatchObject({ state: "done", data: { registered: null } });
    expect(await readdir(BINFMT)).toContain("status");
  });
});
