import { describe, expect, it } from "vitest";
import { buildCommand, labelsOf } from "../../../src/pipeline/build/command.ts";
import { armhf, configOf, pushed, rowOf } from "../rows.ts";

const full = {
  config: configOf({ labels: { title: "An app" }, context: "/repository/app" }),
  context: pushed({ event: "tag", branch: null, tag: "v1.2.3" }),
  row: rowOf("armhf", "linux/arm/v7", {
    buildArgs: { BASE: "a b=c" },
    secrets: [{ id: "npm", env: "NPM_TOKEN" }],
    target: "final",
    dockerfile: "/repository/app/docker/Dockerfile.armhf",
  }),
  tag: "user/app:armhf",
};

describe("the command of a build", () => {
  it("must be one image of one platform for buildx, without an attestation beside it", () => {
    const { command, args, environment } = buildCommand("buildx", full, "");
    expect([command, ...args].join("\n")).toBe(`docker
buildx
build
--platform
linux/arm/v7
--file
/repository/app/docker/Dockerfile.armhf
--tag
user/app:armhf
--label
title=An app
--label
org.opencontainers.image.version=1.2.3
--label
org.opencontainers.image.revision=0123456789abcdef0123456789abcdef01234567
--build-arg
BASE=a b=c
--secret
id=npm,env=NPM_TOKEN
--target
final
--provenance=false
--sbom=false
--load
--progress=plain
/repository/app`);
    expect(environment).toEqual({});
  });

  it("must keep BuildKit out of the engine's own builder", () => {
    const { command, args, environment } = buildCommand("classic", { ...full, row: armhf }, "");
    expect([command, ...args].join(" ")).toBe(
      "docker build --platform linux/arm/v7 --file /repository/Dockerfile --tag user/app:armhf --label title=An app --label org.opencontainers.image.version=1.2.3 --label org.opencontainers.image.revision=0123456789abcdef0123456789abcdef01234567 /repository/app",
    );
    expect(environment).toEqual({ DOCKER_BUILDKIT: "0" });
  });

  it("must say the same to buildctl in its own words", () => {
    const { command, args } = buildCommand("buildctl", full, "/tmp/x/image.tar");
    expect([command, ...args].join("\n")).toBe(`buildctl
build
--progress=plain
--frontend=dockerfile.v0
--local
context=/repository/app
--local
dockerfile=/repository/app/docker
--opt
filename=Dockerfile.armhf
--opt
platform=linux/arm/v7
--opt
label:title=An app
--opt
label:org.opencontainers.image.version=1.2.3
--opt
label:org.opencontainers.image.revision=0123456789abcdef0123456789abcdef01234567
--opt
build-arg:BASE=a b=c
--opt
target=final
--secret
id=npm,env=NPM_TOKEN
--output
type=docker,name=user/app:armhf,dest=/tmp/x/image.tar`);
  });
});

describe("the labels of an image", () => {
  const revision = "org.opencontainers.image.revision";

  it("must name the commit, whatever the file says", () => {
    const config = configOf({ labels: { [revision]: "mine" } });
    expect(labelsOf({ config, context: pushed() })).toContain(`${revision}=${pushed().commit}`);
    expect(labelsOf({ config, context: pushed() })).not.toContain(`${revision}=mine`);
  });

  it("must name the branch as the version where there is no tag, unless the file has one", () => {
    const version = "org.opencontainers.image.version";
    expect(labelsOf({ config: configOf(), context: pushed() })).toContain(`${version}=main`);
    const config = configOf({ labels: { [version]: "7" } });
    expect(labelsOf({ config, context: pushed() })).toContain(`${version}=7`);
  });

  it("must name the release, whatever the file says: an older one is known by it", () => {
    const version = "org.opencontainers.image.version";
    const config = configOf({ labels: { [version]: "mine" } });
    const context = pushed({ event: "tag", branch: null, tag: "v2.0" });
    expect(labelsOf({ config, context })).toContain(`${version}=2.0`);
  });

  it("must name nothing that is not known", () => {
    expect(labelsOf({ config: configOf(), context: pushed({ branch: null, commit: null }) })).toEqual([]);
  });
});
