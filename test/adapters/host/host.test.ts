import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createBinfmt } from "../../../src/adapters/binfmt/index.ts";
import { systemClock } from "../../../src/adapters/clock/index.ts";
import { createHost } from "../../../src/adapters/host/index.ts";

let proc: string;
let binfmt: string;

beforeEach(async () => {
  proc = await mkdtemp(join(tmpdir(), "boardhand-host-"));
  binfmt = join(proc, "binfmt_misc");
  await mkdir(binfmt);
});

afterEach(async () => {
  await rm(proc, { recursive: true, force: true });
});

const hostAt = (procRoot: string) => createHost({ binfmt: createBinfmt(binfmt), procRoot });
const emulators = (directory: string) => createHost({ binfmt: createBinfmt(directory) }).emulators();

async function register(name: string, state: string, flags: string): Promise<void> {
  const text = `${state}\ninterpreter /usr/bin/${name}-static\nflags: ${flags}\noffset 0\nmagic 7f454c46\n`;
  await writeFile(join(binfmt, name), text);
}

describe("emulators", () => {
  it("are the enabled entries with the F flag, sorted", async () => {
    await writeFile(join(binfmt, "status"), "enabled\n");
    await writeFile(join(binfmt, "register"), "");
    await register("qemu-arm", "enabled", "PF");
    await register("qemu-aarch64", "enabled", "OCF");
    await register("qemu-s390x", "disabled", "F");
    await register("qemu-riscv64", "enabled", "OC");
    expect(await emulators(binfmt)).toEqual(["qemu-aarch64", "qemu-arm"]);
  });

  it("are none while binfmt_misc is disabled as a whole", async () => {
    await writeFile(join(binfmt, "status"), "disabled\n");
    await register("qemu-arm", "enabled", "F");
    expect(await emulators(binfmt)).toEqual([]);
  });

  it("are none where binfmt_misc is not mounted", async () => {
    expect(await emulators(join(proc, "absent"))).toEqual([]);
  });
});

describe("cpuModel", () => {
  it("is the first model name of cpuinfo", async () => {
    const model = "ARMv6-compatible processor rev 7 (v6l)";
    await writeFile(join(proc, "cpuinfo"), `processor\t: 0\nmodel name\t: ${model}\nCPU architecture: 7\n`);
    expect(await hostAt(proc).cpuModel()).toBe(model);
  });

  it("is null where the kernel names none, as on arm64", async () => {
    await writeFile(join(proc, "cpuinfo"), "processor\t: 0\nBogoMIPS\t: 48.00\nCPU architecture: 8\n");
    expect(await hostAt(proc).cpuModel()).toBeNull();
  });
});

describe("the real machine", () => {
  it("tells memory, processors and free space", async () => {
    const host = hostAt("/proc");
    const facts = await host.facts();
    expect(facts.memoryBytes).toBeGreaterThan(facts.memoryAvailableBytes);
    expect(facts.memoryAvailableBytes).toBeGreaterThan(0);
    expect(facts.cpus).toBeGreaterThan(0);
    expect(facts.uptimeSeconds).toBeGreaterThan(0);
    expect(facts.model).not.toBe("");
    expect(await host.freeBytes(proc)).toBeGreaterThan(0);
  });

  it("free space of a path that is not there must be null, not an error", async () => {
    expect(await hostAt("/proc").freeBytes(join(proc, "absent"))).toBeNull();
  });
});

describe("the system clock", () => {
  it("must reject a sleep with the signal's own reason", async () => {
    const stop = new AbortController();
    const reason = new Error("enough");
    const sleeping = systemClock().sleep(60_000, stop.signal);
    stop.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    await expect(systemClock().sleep(60_000, stop.signal)).rejects.toBe(reason);
  });

  it("sleeps at least as long as asked by its monotonic time", async () => {
    const clock = systemClock();
    const before = clock.monotonic();
    await clock.sleep(20);
    expect(clock.monotonic() - before).toBeGreaterThanOrEqual(19);
  });
});
