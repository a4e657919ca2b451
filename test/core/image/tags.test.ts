import { describe, expect, it } from "vitest";
import { parsePlatform, parseReference, tagCandidates } from "../../../src/core/image/index.ts";

const names = (written: string, platform: string) =>
  tagCandidates(parseReference(written), parsePlatform(platform)).map(
    ({ reference }) => `${reference.repository}:${reference.tag}`,
  );

describe("per-architecture tags must be those that people publish", () => {
  it("latest stands for the bare word too, which is the usual form", () => {
    expect(names("user/app", "linux/arm64").slice(0, 6)).toEqual([
      "user/app:arm64v8",
      "user/app:latest-arm64v8",
      "user/app:arm64v8-latest",
      "user/app:aarch64",
      "user/app:latest-aarch64",
      "user/app:aarch64-latest",
    ]);
  });

  it("another tag is extended, never replaced", () => {
    const found = names("user/app:1.2", "linux/arm/v7");
    expect(found).toContain("user/app:1.2-armhf");
    expect(found).toContain("user/app:1.2-linux-arm");
    expect(found).toContain("user/app:armhf-1.2");
    expect(found).not.toContain("user/app:armhf");
  });

  it("an armv7 board must try its own words before those of older processors", () => {
    const found = names("user/app:1", "linux/arm/v7");
    expect(found.indexOf("user/app:1-armhf")).toBeLessThan(found.indexOf("user/app:1-arm32v6"));
    expect(found).toContain("user/app:1-arm32v5");
  });

  it("an armv6 board must never be offered words for v7, and armhf only as ambiguous", () => {
    const all = tagCandidates(parseReference("user/app:1"), parsePlatform("linux/arm/v6"));
    expect(all.map(({ word }) => word)).not.toContain("arm32v7");
    expect(all.find(({ word }) => word === "armhf")?.ambiguous).toBe(true);
    expect(all.find(({ word }) => word === "arm32v6")?.ambiguous).toBe(false);
  });

  it("the organisations of Docker Hub stand for its official images alone", () => {
    expect(names("nginx:1.27", "linux/arm/v7")).toContain("arm32v7/nginx:1.27");
    expect(names("user/app:1", "linux/arm/v7").some((name) => name.startsWith("arm32v7/"))).toBe(false);
    expect(names("ghcr.io/library/nginx:1", "linux/arm/v7").some((name) => name.startsWith("arm32v7/"))).toBe(
      false,
    );
  });

  it("there are none for a digest, for another system or an unknown processor", () => {
    expect(names(`nginx:1@sha256:${"a".repeat(64)}`, "linux/arm64")).toEqual([]);
    expect(names(`nginx@sha256:${"a".repeat(64)}`, "linux/arm64")).toEqual([]);
    expect(names("nginx", "windows/amd64")).toEqual([]);
    expect(names("nginx", "linux/s390x")).toEqual([]);
  });

  it("they must be bounded, without doubles and valid tags", () => {
    for (const platform of [
      "linux/arm/v8",
      "linux/arm/v7",
      "linux/arm/v6",
      "linux/arm/v5",
      "linux/arm64",
      "linux/amd64",
    ]) {
      const found = names("nginx", platform);
      expect(found.length).toBeGreaterThan(0);
      expect(found.length).toBeLessThanOrEqual(64);
      expect(new Set(found).size).toBe(found.length);
    }
    expect(names(`user/app:${"t".repeat(126)}`, "linux/arm64")).toEqual([]);
  });

  it("each must say how it was made, and have no digest", () => {
    const made = tagCandidates(parseReference("nginx"), parsePlatform("linux/arm64"));
    const shape = (template: string) => made.find((one) => one.template === template);
    const reference = { registry: "docker.io", digest: null };
    const word = { word: "arm64v8", ambiguous: false };
    const nginx = { ...reference, repository: "library/nginx" };
    expect(shape("A")).toMatchObject({ reference: { ...nginx, tag: "arm64v8" }, ...word });
    expect(shape("T-A")).toMatchObject({ reference: { ...nginx, tag: "latest-arm64v8" }, ...word });
    expect(shape("A-T")).toMatchObject({ reference: { ...nginx, tag: "arm64v8-latest" }, ...word });
    const org = { ...reference, repository: "arm64v8/nginx", tag: "latest" };
    expect(shape("org")).toMatchObject({ reference: org, ...word });
  });

  it("an armv5 board must be offered its own words surely and shared ones as ambiguous", () => {
    const all = tagCandidates(parseReference("user/app:1"), parsePlatform("linux/arm/v5"));
    expect([...new Set(all.map(({ word, ambiguous }) => `${word} ${ambiguous}`))]).toEqual([
      "arm32v5 false",
      "armhf true",
      "linux-arm true",
      "arm true",
    ]);
  });

  it("a tag of exactly 128 characters is one, and one of 129 is none", () => {
    const base = "t".repeat(128 - "-arm32v5".length);
    expect(names(`user/app:${base}`, "linux/arm/v5")).toContain(`user/app:${base}-arm32v5`);
    expect(names(`user/app:${base}t`, "linux/arm/v5")).not.toContain(`user/app:${base}t-arm32v5`);
  });
});
