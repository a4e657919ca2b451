import { describe, expect, it } from "vitest";
import {
  normalizePlatform,
  parsePlatform,
  platformVector,
  rankPlatform,
} from "../../../src/core/image/index.ts";
import { formatPlatform } from "../../../src/core/model/index.ts";

const vector = (text: string, runs32Bit = false) =>
  platformVector(parsePlatform(text), { runs32Bit }).map(formatPlatform).join(" ");

describe("one processor must have one spelling (containerd database.go)", () => {
  it.each([
    ["linux", "aarch64", "v8", "linux/arm64"],
    ["Linux", "ARM64", "8", "linux/arm64"],
    ["linux", "arm64", "v8.2", "linux/arm64/v8.2"],
    ["linux", "armhf", null, "linux/arm/v7"],
    ["linux", "armel", "v7", "linux/arm/v6"],
    ["linux", "arm", null, "linux/arm/v7"],
    ["linux", "arm", "6", "linux/arm/v6"],
    ["linux", "x86_64", null, "linux/amd64"],
    ["linux", "amd64", "v1", "linux/amd64"],
    ["linux", "amd64", "v3", "linux/amd64/v3"],
    ["linux", "i686", null, "linux/386"],
    ["linux", "arm64", "v8.0", "linux/arm64"],
    ["linux", "arm64", "v1", "linux/arm64/v1"],
    ["linux", "amd64", "v8", "linux/amd64/v8"],
    ["macos", "riscv64", null, "darwin/riscv64"],
  ])("%s %s %s is %s", (os, architecture, variant, expected) => {
    expect(formatPlatform(normalizePlatform(os, architecture, variant))).toBe(expected);
  });
});

describe("a board must accept what runs on it, best first (containerd Only)", () => {
  it.each([
    ["linux/arm/v8", "linux/arm/v8 linux/arm/v7 linux/arm/v6 linux/arm/v5"],
    ["linux/arm/v7", "linux/arm/v7 linux/arm/v6 linux/arm/v5"],
    ["linux/arm/v6", "linux/arm/v6 linux/arm/v5"],
    ["linux/arm/v5", "linux/arm/v5"],
    ["linux/arm/v9", "linux/arm/v9"],
    ["linux/arm64", "linux/arm64"],
    ["linux/arm64/v8.2", "linux/arm64/v8.2 linux/arm64/v8.1 linux/arm64"],
    ["linux/arm64/odd", "linux/arm64/odd"],
    ["linux/arm64/xv8.2", "linux/arm64/xv8.2"],
    ["linux/arm64/v8.2x", "linux/arm64/v8.2x"],
    ["linux/arm64/v8.123", "linux/arm64/v8.123"],
    ["linux/arm64/v8.1", "linux/arm64/v8.1 linux/arm64"],
    ["linux/amd64/xv3", "linux/amd64 linux/386"],
    ["linux/amd64/v33", "linux/amd64 linux/386"],
    ["linux/amd64", "linux/amd64 linux/386"],
    ["linux/amd64/v3", "linux/amd64/v3 linux/amd64/v2 linux/amd64 linux/386"],
    ["linux/riscv64", "linux/riscv64"],
  ])("%s", (text, expected) => {
    expect(vector(text)).toBe(expected);
  });

  it("an arm64/v9.1 processor must run v9 and the v8 that it contains", () => {
    expect(vector("linux/arm64/v9.1")).toBe(
      "linux/arm64/v9.1 linux/arm64/v9 linux/arm64/v8.6 linux/arm64/v8.5 linux/arm64/v8.4 linux/arm64/v8.3 " +
        "linux/arm64/v8.2 linux/arm64/v8.1 linux/arm64",
    );
  });

  it("an arm64 board must take 32-bit images only where it says that it runs them", () => {
    expect(vector("linux/arm64", true)).toBe(
      "linux/arm64 linux/arm/v8 linux/arm/v7 linux/arm/v6 linux/arm/v5",
    );
  });
});

describe("a platform must be read as docker reads --platform", () => {
  it.each([
    ["arm64", "linux/arm64"],
    ["linux/arm/v7", "linux/arm/v7"],
    ["linux/aarch64", "linux/arm64"],
    ["windows/amd64", "windows/amd64"],
  ])("%s", (text, expected) => {
    expect(formatPlatform(parsePlatform(text))).toBe(expected);
  });

  it.each(["", "linux", "linux/", "linux/arm/v7/x", "linux/a b", `linux/${"a".repeat(100)}`])(
    "refuses %j",
    (text) => {
      expect(() => parsePlatform(text)).toThrow(expect.objectContaining({ code: "E_COMPOSE" }));
    },
  );
});

describe("a refused platform must be told with what to write", () => {
  const refused = (text: string) => {
    try {
      return parsePlatform(text);
    } catch (error) {
      return error;
    }
  };
  const hint = "Write it as OS/ARCHITECTURE or OS/ARCHITECTURE/VARIANT, such as linux/arm/v7.";

  it("whatever it is, cut where it is endless", () => {
    expect(refused("linux/a b")).toMatchObject({ message: '"linux/a b" is not a platform', hint });
    expect(refused("x".repeat(500))).toMatchObject({
      message: `"${"x".repeat(64)}" is not a platform`,
      hint,
    });
    expect(formatPlatform(parsePlatform("x".repeat(64)))).toBe(`linux/${"x".repeat(64)}`);
    expect(refused("x".repeat(65))).toMatchObject({ code: "E_COMPOSE" });
  });

  it("and a bare system needs a processor", () => {
    expect(refused("Linux")).toMatchObject({
      message: '"Linux" names no processor',
      hint: "Write it as linux/amd64, linux/arm64 or linux/arm/v7.",
    });
  });
});

describe("without being told anything else", () => {
  it("an arm64 board must not take 32-bit images", () => {
    expect(platformVector(parsePlatform("arm64")).map(formatPlatform)).toEqual(["linux/arm64"]);
  });

  it("an arm platform without a variant must stand for v7", () => {
    const bare = { os: "linux", architecture: "arm", variant: null };
    expect(platformVector(bare)[0]?.variant).toBe("v7");
  });

  it("images of another processor or system must have no rank", () => {
    const accepts = platformVector(parsePlatform("linux/amd64"));
    expect(rankPlatform(parsePlatform("linux/386"), accepts)).toBe(1);
    expect(rankPlatform(parsePlatform("linux/riscv64"), accepts)).toBe(-1);
    expect(rankPlatform(parsePlatform("windows/amd64"), accepts)).toBe(-1);
  });
});
