import { describe, expect, it } from "vitest";
import { parsePlatform } from "../../../src/core/image/index.ts";
import type { PushHint } from "../../../src/core/model/index.ts";
import { servicesPushed } from "../../../src/core/policy/index.ts";
import { project, service } from "../../support/builders.ts";

const ARMV7 = "linux/arm/v7";

/** `host|repository:tag` as a webhook tells it; an empty host is one that does not say. */
function hint(text: string): PushHint {
  const [, registry = "", repository = "", tag = ""] = /^(.*)\|(.*):(.*)$/.exec(text) ?? [];
  return { registry: registry === "" ? null : registry, repository, tag };
}

function isNews(
  told: string,
  reference: string,
  more: { platform?: string | null; names?: Record<string, readonly string[]>; service?: object } = {},
): boolean {
  const { platform = "linux/amd64", names = {} } = more;
  const desired = project([service("web", { reference, ...more.service })]);
  return (
    servicesPushed(hint(told), desired, {
      platform: platform === null ? null : parsePlatform(platform),
      otherNames: new Map(Object.entries(names)),
    }).length === 1
  );
}

describe("a push must be news for the service that uses that tag", () => {
  it.each([
    ["docker.io|user/app:latest", "user/app"],
    ["docker.io|library/nginx:latest", "nginx"],
    ["docker.io|nginx:1.27", "docker.io/library/nginx:1.27"],
    ["index.docker.io|library/nginx:latest", "registry-1.docker.io/nginx"],
    ["registry.hub.docker.com|user/app:1", "user/app:1"],
    ["GHCR.io|user/app:1", "ghcr.io/user/app:1"],
    ["nas.lan:5000|team/app:1", "nas.lan:5000/team/app:1"],
    ["|team/app:1", "nas.lan:5000/team/app:1"],
    ["|user/app:latest", "user/app"],
    ["|nginx:latest", "nginx"],
  ])("%s and image: %s", (told, reference) => {
    expect(isNews(told, reference)).toBe(true);
  });

  it("under the names that its registry has besides, and under no other", () => {
    const names = { "docker.io": ["mirror.lan:5000"], "nas.lan:5000": ["registry:5000", "127.0.0.1:5000"] };
    expect(isNews("mirror.lan:5000|library/nginx:latest", "nginx", { names })).toBe(true);
    expect(isNews("registry:5000|team/app:1", "nas.lan:5000/team/app:1", { names })).toBe(true);
    expect(isNews("127.0.0.1:5000|team/app:1", "nas.lan:5000/team/app:1", { names })).toBe(true);
    expect(isNews("registry:5000|library/nginx:latest", "nginx", { names })).toBe(false);
    expect(isNews("registry:5001|team/app:1", "nas.lan:5000/team/app:1", { names })).toBe(false);
  });
});

describe("a push must be no news", () => {
  it.each([
    ["another tag", "docker.io|user/app:2", "user/app:1"],
    ["another repository", "docker.io|user/other:1", "user/app:1"],
    ["another owner's repository of that name", "docker.io|other/app:1", "user/app:1"],
    ["another registry", "ghcr.io|user/app:1", "user/app:1"],
    ["another registry's library", "ghcr.io|library/nginx:latest", "nginx"],
    ["the tag of another processor", "docker.io|user/app:1-arm64", "user/app:1"],
  ])("of %s", (_what, told, reference) => {
    expect(isNews(told, reference)).toBe(false);
  });

  it("for a pinned digest, whatever tag is written beside it", () => {
    const digest = `sha256:${"a".repeat(64)}`;
    expect(isNews("docker.io|user/app:1", `user/app:1@${digest}`)).toBe(false);
    expect(isNews("docker.io|user/app:latest", `user/app@${digest}`)).toBe(false);
  });

  it("for what no registry is asked for, and for what is no reference", () => {
    expect(isNews("docker.io|user/app:1", "user/app:1", { service: { pull: "never" } })).toBe(false);
    expect(isNews("docker.io|user/app:1", "user/APP:1")).toBe(false);
  });
});

describe("a push of a per-architecture tag", () => {
  it.each([
    ["docker.io|user/app:1-armhf", "user/app:1"],
    ["docker.io|user/app:armhf", "user/app"],
    ["docker.io|user/app:arm32v6", "user/app:latest"],
    ["docker.io|arm32v7/nginx:1.27", "nginx:1.27"],
    ["|team/app:linux-arm-v7-1", "nas.lan:5000/team/app:1"],
  ])("must be news for the service that would choose it here: %s, image: %s", (told, reference) => {
    expect(isNews(told, reference, { platform: ARMV7 })).toBe(true);
    expect(isNews(told, reference, { platform: "linux/amd64" })).toBe(false);
    expect(isNews(told, reference, { platform: null })).toBe(false);
  });

  it("must count for the service's own platform where it has one", () => {
    const own = { platform: parsePlatform("linux/arm64") };
    expect(isNews("docker.io|user/app:1-arm64", "user/app:1", { service: own })).toBe(true);
    expect(isNews("docker.io|user/app:1-amd64", "user/app:1", { service: own })).toBe(false);
  });

  it("must be no news for others' images of that name", () => {
    expect(isNews("docker.io|arm32v7/app:1", "user/app:1", { platform: ARMV7 })).toBe(false);
  });
});

it("a push must be told to each service that uses it, and to no other", () => {
  const used = { reference: "user/app:1" };
  const desired = project([service("a", used), service("b", { reference: "user/b:1" }), service("c", used)]);
  const context = { platform: null, otherNames: new Map() };
  expect(servicesPushed(hint("docker.io|user/app:1"), desired, context)).toEqual(["a", "c"]);
});
