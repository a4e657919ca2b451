// The emulators stage with the real kernel, a real engine, and images that really register QEMU.
import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { fieldsOf, register, registrations, toggle, withoutEmulators } from "../../lab/binfmt-state.ts";
import { magicOf } from "../../lab/emulator-images.ts";
import { docker, runStage, withoutPrograms } from "./emulators-support.ts";
import {
  ARM,
  type EmulatorWorld,
  kernelTest,
  NOTHING_CHANGED,
  RISCV,
  startWorld,
} from "./emulators-world.ts";

const SYSTEMD_BINFMT = "/lib/systemd/systemd-binfmt";
const hubName = "tonistiigi/binfmt:latest";

let world: EmulatorWorld;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

/** In an image that holds nothing but the ARM program. */
const runArm = () => docker("run", "--rm", "--platform", ARM, world.armImage);

describe("what is not registered", () => {
  const ways = [
    ["host", () => "host" as const, "FP"],
    // To the kernel C means O too.
    ["tonistiigi/binfmt under a mirror", () => ({ image: world.images.tonistiigi }), "CFO"],
    ["multiarch/qemu-user-static under a mirror", () => ({ image: world.images.multiarch }), "F"],
    ["linuxkit/binfmt under a mirror", () => ({ image: world.images.linuxkit }), "CFO"],
  ] as const;
  for (const [name, choice, flags] of ways) {
    kernelTest(`must be registered by ${name}, so that an ARM program runs`, ["qemu-arm"], async () => {
      const first = await runStage({ emulators: choice(), platforms: ["linux/amd64", ARM] });
      expect(first.outcome.failure).toBeNull();
      expect(first.outcome.message).toContain("registered qemu-arm by ");
      expect(await runArm()).toMatchObject({ status: 0, stdout: "it runs on ARM\n" });
      const registered = await registrations();
      const fields = fieldsOf(registered["qemu-arm"] ?? "");
      expect([...fields.flags].sort().join("")).toBe(flags);

      const second = await runStage({ emulators: choice(), platforms: ["linux/amd64", ARM] });
      expect(second.outcome).toMatchObject({ state: "done", message: NOTHING_CHANGED });
      expect(await registrations()).toEqual(registered);
    });
  }

  kernelTest("must be registered for arm64 too, where an image's magic is a byte shorter", [], async () => {
    await withoutEmulators(["qemu-aarch64"], async () => {
      const { outcome } = await runStage({
        emulators: { image: world.images.linuxkit },
        platforms: ["linux/arm64"],
      });
      expect(outcome.failure).toBeNull();
      expect(fieldsOf((await registrations())["qemu-aarch64"] ?? "").magic).toHaveLength(38);
    });
  });

  kernelTest(
    "must be registered by systemd-binfmt where that is all there is",
    ["qemu-riscv64"],
    async () => {
      const programs = withoutPrograms("update-binfmts");
      const { outcome } = await runStage({ emulators: "host", platforms: [RISCV], programs });
      expect(outcome).toMatchObject({ state: "done", message: "registered qemu-riscv64 by systemd-binfmt" });
    },
    !existsSync(SYSTEMD_BINFMT),
  );

  kernelTest(
    "must be registered by the image that the engine has, where the host has no tool",
    ["qemu-riscv64"],
    async () => {
      await docker("tag", world.images.tonistiigi, hubName);
      const programs = withoutPrograms("update-binfmts", "systemd-binfmt");
      const { outcome, lines } = await runStage({ emulators: "auto", platforms: [RISCV], programs });
      expect(outcome).toMatchObject({ state: "done", message: `registered qemu-riscv64 by ${hubName}` });
      expect(lines).toContain(`$ docker run --privileged --rm ${hubName} --install riscv64`);
      expect(lines).toContain("installing: riscv64 OK");
    },
  );

  test("must be refused with emulators: none, saying how to register it", async () => {
    const was = await registrations();
    const { outcome } = await runStage({ emulators: "none", platforms: [ARM, RISCV] });
    expect(outcome.state).toBe("failed");
    expect(outcome.failure).toMatchObject({
      code: "E_EMULATION",
      message: "qemu-riscv64 not registered: emulators is none, so nothing is registered here",
    });
    expect(outcome.failure?.hint).toContain("tonistiigi/binfmt --install riscv64");
    expect(await registrations()).toEqual(was);
  });

  test("must be refused when an image says that it registered it and did not", async () => {
    const { outcome, lines } = await runStage({ emulators: { image: world.idleImage }, platforms: [RISCV] });
    expect(lines).toContain("installing: arm OK");
    expect(outcome.failure).toMatchObject({
      code: "E_EMULATION",
      message: `qemu-riscv64 still not registered after ${world.idleImage}`,
    });
  });

  test("must be refused with docker's own words when the image cannot be pulled", async () => {
    const image = `${inject("registryAddress")}/nowhere/tonistiigi/binfmt:v9`;
    const { outcome, lines } = await runStage({ emulators: { image }, platforms: [RISCV] });
    expect(outcome.failure?.code).toBe("E_EMULATION");
    expect(outcome.failure?.message).toMatch(
      /^qemu-riscv64 still not registered after \S+: docker ended with 125: docker: .* not found/,
    );
    expect(lines.join("\n")).toContain("not found");
  });
});

describe("an entry that is switched off", () => {
  for (const [name, choice] of [
    ["the host's tool", () => "host" as const],
    ["tonistiigi/binfmt", () => ({ image: world.images.tonistiigi })],
  ] as const) {
    kernelTest(`must be replaced by ${name}, which would leave it as it is`, ["qemu-riscv64"], async () => {
      await register({
        ...{ name: "qemu-riscv64", interpreter: "/usr/bin/qemu-riscv64-static", flags: "F" },
        ...magicOf("riscv64"),
      });
      await toggle("qemu-riscv64", "0");
      const { outcome, lines } = await runStage({ emulators: choice(), platforms: [RISCV] });
      expect(lines[0]).toContain("registered, but switched off");
      expect(outcome.failure).toBeNull();
      expect((await registrations())["qemu-riscv64"]).toMatch(/^enabled/);
    });
  }
});
