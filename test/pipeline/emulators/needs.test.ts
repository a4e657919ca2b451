// Which platforms of a matrix need QEMU on which engine.
import { describe, expect, test } from "vitest";
import { parsePlatform } from "../../../src/core/image/index.ts";
import { needsOf } from "../../../src/pipeline/emulators/needs.ts";

const needs = (engine: string, ...platforms: readonly string[]) => {
  const found = needsOf(
    platforms.map((one) => ({ platform: parsePlatform(one) })),
    engine,
  );
  return {
    needs: found.needs.map(
      ({ processor, platforms: of, maybeNative }) =>
        `${processor.emulator}: ${of.join(" ")}${maybeNative ? "?" : ""}`,
    ),
    unknown: found.unknown,
  };
};

describe("what needs an emulator", () => {
  test("must be every other processor, all variants of ARM by the one of them", () => {
    const platforms = ["linux/amd64", "linux/arm/v7", "linux/arm/v6", "linux/arm/v7", "linux/arm64"];
    expect(needs("amd64", ...platforms)).toEqual({
      needs: ["qemu-arm: linux/arm/v7 linux/arm/v6", "qemu-aarch64: linux/arm64"],
      unknown: [],
    });
  });

  test("must not be what the processor runs by itself", () => {
    expect(needs("amd64", "linux/amd64", "linux/amd64/v3", "linux/386").needs).toEqual([]);
    expect(needs("arm", "linux/arm/v7", "linux/arm/v5").needs).toEqual([]);
    expect(needs("s390x", "linux/s390x").needs).toEqual([]);
    expect(needs("mips64le", "linux/mips64le")).toEqual({ needs: [], unknown: [] });
  });

  test("must be said with a question mark where only some processors run it", () => {
    expect(needs("arm64", "linux/arm/v7", "linux/amd64").needs).toEqual([
      "qemu-arm: linux/arm/v7?",
      "qemu-x86_64: linux/amd64",
    ]);
    expect(needs("arm", "linux/arm64").needs).toEqual(["qemu-aarch64: linux/arm64?"]);
  });

  test.each([
    ["linux/386", "qemu-i386"],
    ["linux/amd64", "qemu-x86_64"],
    ["linux/riscv64", "qemu-riscv64"],
    ["linux/ppc64le", "qemu-ppc64le"],
    ["linux/s390x", "qemu-s390x"],
  ])("must be %s by %s on ARM", (platform, emulator) => {
    expect(needs("arm64", platform).needs).toEqual([`${emulator}: ${platform}`]);
  });

  test("must be unknown for another system, and for a processor that nobody emulates", () => {
    expect(needs("amd64", "windows/amd64", "linux/sparc64", "linux/constructor")).toEqual({
      needs: [],
      unknown: ["windows/amd64", "linux/sparc64", "linux/constructor"],
    });
  });
});
