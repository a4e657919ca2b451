// What registrations mean for a processor, by their magic: those of Debian, of the images, of Docker Desktop, of strangers.
import { describe, expect, test } from "vitest";
import { kernelHas } from "../../../src/pipeline/emulators/kernel.ts";
import type { BinfmtEntry } from "../../../src/ports/index.ts";
import { ARM_MAGIC, entry, processor } from "./support.ts";

const has = (platform: string, ...entries: readonly BinfmtEntry[]) =>
  kernelHas({ mounted: true, enabled: true, entries }, processor(platform));

const READY = [
  ["Debian's", "linux/arm/v7", entry({ flags: "PF", interpreter: "/usr/libexec/qemu-binfmt/arm-binfmt-P" })],
  ["tonistiigi/binfmt's", "linux/arm/v6", entry({ flags: "OCF" })],
  ["a tool's that names it otherwise", "linux/arm/v5", entry({ name: "arm", flags: "F" })],
  [
    "linuxkit/binfmt's, a byte shorter",
    "linux/arm64",
    entry({ name: "qemu-aarch64", magic: "7f454c460201010000000000000000000200b7" }),
  ],
  [
    "Rosetta's, by Docker Desktop",
    "linux/amd64",
    entry({ name: "rosetta", magic: "7f454c4602010100000000000000000002003e00" }),
  ],
  ["i386's", "linux/386", entry({ magic: "7f454c4601010100000000000000000002000300" })],
  ["riscv64's", "linux/riscv64", entry({ magic: "7f454c460201010000000000000000000200f300" })],
  ["ppc64le's", "linux/ppc64le", entry({ magic: "7f454c4602010100000000000000000002001500" })],
  [
    "s390x's, of the other byte order",
    "linux/s390x",
    entry({ magic: "7f454c4602020100000000000000000000020016" }),
  ],
] as const;

describe("an entry with the F flag", () => {
  test.each(READY)("%s must be ready for %s", (_, platform, one) => {
    expect(has(platform, one)).toEqual({ kind: "ready", interpreter: one.interpreter });
  });

  test.each(READY)("%s must be ready for no processor but that of %s", (_, platform, one) => {
    const others = READY.map(([, other]) => other).filter(
      (other) => processor(other).architecture !== processor(platform).architecture,
    );
    for (const other of others) expect(has(other, one).kind).toBe("missing");
  });
});

describe("an entry that is not ready", () => {
  test("must be conditional without the F flag, with the path that an image has to hold", () => {
    const one = entry({ flags: "P", interpreter: "/usr/bin/qemu-arm-static" });
    expect(has("linux/arm/v7", one)).toEqual({
      kind: "conditional",
      interpreter: "/usr/bin/qemu-arm-static",
    });
  });

  test("must make the processor conditional even beside one with the F flag: the kernel may take either", () => {
    const plain = entry({ name: "arm", flags: "" });
    expect(has("linux/arm/v7", entry(), plain).kind).toBe("conditional");
  });

  test("must be missing when it is switched off, and its name is taken", () => {
    const off = entry({ enabled: false });
    expect(has("linux/arm/v7", off)).toEqual({ kind: "missing", taken: off });
  });

  test("must not be in the way when it has another name", () => {
    const off = entry({ name: "arm", enabled: false });
    expect(has("linux/arm/v7", off)).toEqual({ kind: "missing", taken: null });
  });

  test.each([
    ["none", null],
    ["an empty one", ""],
    ["that of a script", "2321"],
    ["half of one", ARM_MAGIC.slice(0, 20)],
    ["up to e_machine", ARM_MAGIC.slice(0, 36)],
    ["that of big-endian ARM", "7f454c4601020100000000000000000000020028"],
    ["that of 64 bits", "7f454c4602010100000000000000000002002800"],
    ["another machine's", "7f454c4601010100000000000000000002002801"],
  ])("must be missing when its magic is %s, whatever its name", (_, magic) => {
    const one = entry({ magic });
    expect(has("linux/arm/v7", one)).toEqual({ kind: "missing", taken: one });
  });

  test("must be missing where nothing is registered", () => {
    expect(has("linux/arm/v7")).toEqual({ kind: "missing", taken: null });
  });
});
