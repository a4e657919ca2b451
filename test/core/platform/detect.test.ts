import { describe, expect, it } from "vitest";
import { formatPlatform } from "../../../src/core/model/index.ts";
import { detectPlatform, emulatedPlatforms, type PlatformInput } from "../../../src/core/platform/index.ts";
import { factsOf, RECORDED, type Recorded, SENTENCES } from "./recorded.ts";

function recorded(board: string): Recorded {
  const found = RECORDED.find((one) => one.board === board);
  if (found === undefined) throw new Error(`no record of ${board}`);
  return found;
}

function detect(board: string, more: Partial<PlatformInput> = {}) {
  const facts = factsOf(recorded(board));
  return detectPlatform({ facts, cpuModel: null, emulators: [], configured: "auto", ...more });
}

describe("detectPlatform", () => {
  it.each(RECORDED)("$board, engine $version: $arch on $kernel is $platform", (record) => {
    const found = detect(record.board, { cpuModel: record.cpuModel ?? null });
    expect(formatPlatform(found.platform)).toBe(record.platform);
    expect(found.accepts.map(formatPlatform)).toEqual(record.accepts);
    expect(found.accepts[0]).toEqual(found.platform);
    expect(found.because).toBe(SENTENCES[record.board]);
  });

  it("a 32-bit engine must never accept a 64-bit image, whatever the kernel is", () => {
    for (const record of RECORDED.filter((one) => one.arch === "arm")) {
      const found = detect(record.board, { cpuModel: record.cpuModel ?? null });
      expect(found.accepts.every((one) => one.architecture === "arm")).toBe(true);
    }
  });

  it("names the kernel where a 32-bit engine runs on a 64-bit one", () => {
    expect(detect("Pi 4, 32 on 64").because).toBe(
      "The engine is a 32-bit ARM program on a 64-bit kernel (aarch64), so 64-bit images cannot run.",
    );
  });

  it("an engine that does not name its system is taken for linux", () => {
    const facts = { ...factsOf(recorded("Pine64, bookworm docker.io")), os: "" };
    const found = detectPlatform({ facts, cpuModel: null, emulators: [], configured: "auto" });
    expect(formatPlatform(found.platform)).toBe("linux/arm64");
  });
});

describe("what an engine says of itself", () => {
  it("an engine of another system must keep it", () => {
    const facts = { ...factsOf(recorded("old x86 box")), os: "windows" };
    const found = detectPlatform({ facts, cpuModel: null, emulators: [], configured: "auto" });
    expect(formatPlatform(found.platform)).toBe("windows/amd64");
  });

  it.each(["my-armv6l", "x-aarch64"])(
    "a kernel that calls itself %s names no variant",
    (kernelArchitecture) => {
      const facts = { ...factsOf(recorded("Pi 1")), kernelArchitecture };
      const found = detectPlatform({ facts, cpuModel: null, emulators: [], configured: "auto" });
      expect(found.because).toContain(`a kernel that names no variant (${kernelArchitecture})`);
    },
  );

  it("a processor's endless name must be cut", () => {
    const { because } = detect("Pi 1", { cpuModel: `ARMv6-compatible ${"x".repeat(500)}` });
    expect(because).toBe(
      `The engine is a 32-bit ARM program on a processor that calls itself ARMv6-compatible ${"x".repeat(63)}.`,
    );
  });
});

describe("a configured platform", () => {
  it("wins over the engine and is told so", () => {
    const found = detect("Pi 3, 32-bit kernel", { configured: "linux/arm/v6" });
    expect(found.accepts.map(formatPlatform)).toEqual(["linux/arm/v6", "linux/arm/v5"]);
    expect(found.because).toBe(
      "The configuration says platform: linux/arm/v6; the engine itself would be linux/arm/v7.",
    );
  });

  it("that is the engine's own adds nothing to the sentence", () => {
    const { because } = detect("Pine64, bookworm docker.io", { configured: "linux/arm64" });
    expect(because).toBe("The configuration says platform: linux/arm64.");
  });

  it("is how an arm64 board takes 32-bit images", () => {
    const found = detect("Raspberry Pi OS 64", { configured: "linux/arm/v7" });
    expect(formatPlatform(found.platform)).toBe("linux/arm/v7");
  });

  it("that is no platform must be refused as E_CONFIG with what to write", () => {
    expect(() => detect("Pi 1", { configured: "raspberry pi" })).toThrowError(
      expect.objectContaining({
        code: "E_CONFIG",
        message: 'platform: "raspberry pi" is not a platform',
        hint: expect.stringContaining("linux/arm/v6"),
      }),
    );
    expect(() => detect("Pi 1", { configured: "x".repeat(500) })).toThrowError(
      expect.objectContaining({ message: `platform: "${"x".repeat(64)}" is not a platform` }),
    );
  });
});

describe("emulated platforms", () => {
  it("are those of the registered interpreters, without what runs natively", () => {
    const found = detect("old x86 box", {
      emulators: ["qemu-i386", "qemu-arm", "qemu-aarch64", "python3.11"],
    });
    expect(found.emulates.map(formatPlatform)).toEqual([
      "linux/arm64",
      "linux/arm/v7",
      "linux/arm/v6",
      "linux/arm/v5",
    ]);
  });

  it("are none without registrations", () => {
    expect(detect("old x86 box").emulates).toEqual([]);
  });

  it("name a platform once when two interpreters run it", () => {
    expect(emulatedPlatforms(["rosetta", "qemu-x86_64"], [])).toEqual([
      { os: "linux", architecture: "amd64", variant: null },
    ]);
  });
});
