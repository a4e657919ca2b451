// What people read: the findings, the warning, and the explanation of a program that did not start.
import { describe, expect, test } from "vitest";
import { parsePlatform } from "../../../src/core/image/index.ts";
import { explainExecFailure } from "../../../src/pipeline/emulators/explain.ts";
import { renderFindings, warningOf } from "../../../src/pipeline/emulators/words.ts";
import { entry, finding } from "./support.ts";

describe("findings", () => {
  test("must be a table of platform, emulator and what there is", () => {
    expect(
      renderFindings([
        finding("linux/arm/v7", { kind: "ready", interpreter: "/usr/bin/qemu-arm" }),
        finding("linux/arm64", { kind: "conditional", interpreter: "/usr/bin/qemu-aarch64-static" }),
        finding("linux/386", { kind: "native" }),
        finding("linux/s390x", { kind: "ready", interpreter: null }),
        finding("linux/riscv64"),
        finding("linux/ppc64le", { kind: "missing", taken: entry({ enabled: false }) }),
        finding("linux/amd64", { kind: "missing", taken: entry() }),
      ]),
    ).toEqual([
      "linux/arm/v7   qemu-arm      registered with the F flag: /usr/bin/qemu-arm",
      "linux/arm64    qemu-aarch64  registered without the F flag: /usr/bin/qemu-aarch64-static",
      "linux/386      qemu-i386     not needed: this processor runs it",
      "linux/s390x    qemu-s390x    registered",
      "linux/riscv64  qemu-riscv64  not registered",
      "linux/ppc64le  qemu-ppc64le  registered, but switched off",
      "linux/amd64    qemu-x86_64   not registered: its name is taken by another entry",
    ]);
  });

  test("must not let a path from the kernel write to the terminal", () => {
    const path = `/x\u001b[2J\r\n\u202e${"y".repeat(500)}`;
    const [line = ""] = renderFindings([finding("linux/arm/v7", { kind: "ready", interpreter: path })]);
    expect(line).toContain("/x?[2J???yyy");
    expect(line.length).toBeLessThan(300);
    const warning = warningOf(finding("linux/arm/v7", { kind: "conditional", interpreter: path }));
    expect(warning).toContain("/x?[2J???yyy");
  });

  test("must warn of an entry without the F flag and of nothing else", () => {
    expect(
      warningOf(finding("linux/arm/v7", { kind: "conditional", interpreter: "/usr/bin/qemu-arm-static" })),
    ).toBe(
      "qemu-arm is registered without the F flag: images for linux/arm/v7 run only when they hold " +
        '/usr/bin/qemu-arm-static, as a static program; other images fail with "no such file or directory"',
    );
    expect(warningOf(finding("linux/arm/v7", { kind: "ready", interpreter: null }))).toBeNull();
    expect(warningOf(finding("linux/arm/v7"))).toBeNull();
  });
});

describe("the explanation of a program that did not start", () => {
  const explain = (output: string, platform = "linux/arm/v7", engine: string | null = "amd64") =>
    explainExecFailure(output, parsePlatform(platform), engine)?.message ?? null;

  test.each([
    "exec /bin/sh: exec format error",
    "standard_init_linux.go:228: exec user process caused: exec format error",
    "exec container process `/bin/sh`: Exec format error",
    "/bin/sh: 1: node: Exec format error",
    '#5 0.210 runc run failed: unable to start container process: exec: "/bin/sh": exec format error',
  ])("must name the emulator that is missing: %s", (output) => {
    expect(explain(`#5 [2/2] RUN uname\n${output}\n`)).toBe(
      "programs for linux/arm/v7 do not run here: qemu-arm is not registered with the kernel",
    );
  });

  test.each([
    "exec /bin/sh: no such file or directory",
    "\u001b[91mexec /bin/sh: no such file or directory\u001b[0m",
    "#5 0.333 exec /bin/sh: no such file or directory",
    "standard_init_linux.go:228: exec user process caused: no such file or directory",
    'standard_init_linux.go:211: exec user process caused "no such file or directory"',
    "exec container process `/bin/sh`: No such file or directory",
  ])("must name the flag that is missing: %s", (output) => {
    expect(explain(output)).toContain("qemu-arm is registered without the F flag");
  });

  test.each([
    "cat: /etc/nothing: no such file or directory",
    'exec: "/app": stat /app: no such file or directory: unknown.',
    'exec: "app": executable file not found in $PATH: unknown.',
    "npm ERR! code 1",
    "",
  ])("must be none for a failure that is not the emulation's: %s", (output) => {
    expect(explain(output)).toBeNull();
  });

  test("must be none for what the engine's processor runs by itself, and for what nobody emulates", () => {
    const output = "exec /bin/sh: exec format error";
    expect(explain(output, "linux/amd64")).toBeNull();
    expect(explain(output, "linux/arm/v6", "arm")).toBeNull();
    expect(explain(output, "windows/arm64")).toBeNull();
    expect(explain(output, "linux/arm/v7", "arm64")).toContain("qemu-arm");
    expect(explain(output, "linux/arm/v7", null)).toContain("qemu-arm");
  });

  test("must not take long over a long output", () => {
    const started = performance.now();
    expect(explain(`exec /${"a/".repeat(200_000)}`)).toBeNull();
    expect(explain("exec /".repeat(100_000))).toBeNull();
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
