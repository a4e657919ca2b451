// What a person reads when a smoke command failed, and after one that did not.
import { describe, expect, it } from "vitest";
import { parsePlatform } from "../../../src/core/image/index.ts";
import { renderReading } from "../../../src/pipeline/smoke/check.ts";
import { qemuCpuFor } from "../../../src/pipeline/smoke/cpu.ts";
import { explainEnd } from "../../../src/pipeline/smoke/explain.ts";

const NOT_STARTED = "[FATAL tini (7)] exec /app failed: No such file or directory";
const END = { exitCode: 1, error: "", outOfMemory: false, timedOut: false, seen: true, lastLines: [] };

describe("a smoke command that failed", () => {
  it.each([
    [{ timedOut: true, exitCode: null }, "did not end within 30 s", "--version"],
    [
      { lastLines: ["[FATAL tini (7)] exec /app failed: Exec format error"] },
      "exec format error",
      "emulators",
    ],
    [{ error: "exec /app: exec format error" }, "exec format error", "emulators"],
    [{ exitCode: 127, lastLines: [NOT_STARTED] }, "is in the image, but cannot be executed", "emulators"],
    [{ exitCode: 127, lastLines: [NOT_STARTED], seen: false }, "127: the program", "pipeline.yml"],
    [{ outOfMemory: true, exitCode: 137 }, "lack of memory", "memory"],
    [{ error: "x: unable to start container process: no /app" }, "cannot be started: no /app", "smoke"],
    [{ exitCode: 126 }, "126: it is there but cannot be executed", "pipeline.yml"],
    [{ exitCode: 127 }, "127: the program, or what runs it", "pipeline.yml"],
    [{ exitCode: 132 }, "132: illegal instruction", "newer processor"],
    [{ lastLines: ["qemu: uncaught target signal 4 (Illegal instruction)"] }, "illegal instruction", "newer"],
    [{ lastLines: ["qemu-arm: unable to find CPU model 'x'"] }, "does not know the processor", "QEMU_CPU"],
    [{ exitCode: 255, lastLines: ["qemu-arm: Could not open '/lib/ld.so'"] }, "dynamic loader", "image"],
    [{ exitCode: 134 }, "134: it aborted", "output"],
    [{ exitCode: 137 }, "137: it was killed", "output"],
    [{ exitCode: 139 }, "139: segmentation fault", "newer processor"],
    [{ exitCode: null }, "did not end", "docker info"],
    [{ exitCode: 3 }, "ended with 3", "output"],
  ])("must be explained after %j", (end, what, hint) => {
    const said = explainEnd({ ...END, ...end }, 30_000);
    expect(said.what).toContain(what);
    expect(said.hint).toContain(hint);
  });

  it.each([
    ["linux/arm/v5", "arm926"],
    ["linux/arm/v6", "arm1176"],
    ["linux/arm/v7", "cortex-a9"],
    ["linux/arm64", "cortex-a53"],
    ["linux/amd64", null],
    ["linux/arm64/v8.2", null],
  ])("must have run for %s on QEMU's %s", (platform, model) => {
    expect(qemuCpuFor(parsePlatform(platform))).toBe(model);
  });
});

it("a check must be shown as what was looked at, line by line", () => {
  const program = { path: "/app", origin: "CMD", machine: "arm v7 hard float", emulator: false };
  const check = {
    imageId: `sha256:${"a".repeat(64)}`,
    size: 12_345_678,
    platform: "linux/arm/v7",
    programs: [program, { ...program, path: "/usr/bin/qemu-arm-static", machine: "amd64", emulator: true }],
    remarks: ["a remark"],
    command: ["app", "--version"],
    output: "1.2.3",
  };
  expect(renderReading(check)).toEqual([
    "image aaaaaaaaaaaa: linux/arm/v7, 12.3 MB",
    "program /app (CMD): arm v7 hard float",
    "program /usr/bin/qemu-arm-static (CMD): amd64, the emulator",
  ]);
  expect(renderReading({ ...check, size: null, programs: [] })).toEqual([
    "image aaaaaaaaaaaa: linux/arm/v7",
    "no program was found to check",
  ]);
  const hostile = renderReading({ ...check, programs: [{ ...program, path: "/\u001b[2Jgone\r" }] });
  expect(hostile[1]).toBe("program / [2Jgone  (CMD): arm v7 hard float");
});
