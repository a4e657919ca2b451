// The tiny programs: each really runs under its QEMU, or by itself, and reaches the engine whole.
import { execFile, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { probeImport, probeProgram, readProbe } from "../../../src/pipeline/emulators/probe.ts";
import { processor } from "./support.ts";

const run = promisify(execFile);
const ALL = ["arm/v7", "arm64", "amd64", "386", "riscv64", "ppc64le", "s390x"].map((one) => `linux/${one}`);

let directory = "";
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "boardhand-probe-"));
});
afterAll(() => rm(directory, { recursive: true }));

describe("the program of a probe", () => {
  test.each(ALL)("must end with 0 on %s", async (platform) => {
    const one = processor(platform);
    const path = join(directory, one.architecture);
    await writeFile(path, probeProgram(one), { mode: 0o755 });
    const qemu = `/usr/bin/${one.emulator}-static`;
    // Where QEMU is not installed, what is left to check is that it is a program for that processor.
    if (existsSync(qemu)) expect(spawnSync(qemu, [path]).status).toBe(0);
    const { stdout } = await run("od", ["-An", "-tx1", "-N20", path]);
    expect(stdout.replace(/\s/g, "")).toMatch(/^7f454c460[12]0[12]01/);
  });

  test.each(ALL)(
    "must come out of the shell as an archive with that one program, for %s",
    async (platform) => {
      const one = processor(platform);
      const script = probeImport(one).replace(/ \| docker import -$/, ` | tar -xO check`);
      for (const shell of ["sh", "bash"]) {
        const { stdout } = await run(shell, ["-c", script], { encoding: "buffer" });
        expect(stdout.equals(probeProgram(one))).toBe(true);
      }
      const list = probeImport(one).replace(/ \| docker import -$/, ` | tar -tv`);
      expect((await run("sh", ["-c", list])).stdout).toMatch(/^-rwxr-xr-x .* check\n$/);
    },
  );
});

describe("the end of a probe", () => {
  test.each([
    [0, "", "runs"],
    [1, "exec /check: exec format error", "no-emulator"],
    [1, "standard_init_linux.go:228: exec user process caused: exec format error", "no-emulator"],
    [255, "exec /check: no such file or directory", "no-interpreter"],
    [125, "docker: Error response from daemon: conflict", "unknown"],
    [null, "", "unknown"],
    [1, "", "unknown"],
  ] as const)("with %s and %j must mean %s", (status, output, meaning) => {
    expect(readProbe(status, output)).toBe(meaning);
  });
});
