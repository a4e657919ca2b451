// `boardhand build init` as a person types it, and what it wrote as a pipeline: from one Dockerfile to one list.
import { execFileSync } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, inject, it } from "vitest";
import { busyboxLayer } from "../../lab/images.ts";
import { pushImage, pushIndex } from "../../lab/push.ts";
import { ARCHS, Repository } from "./repository.ts";

let repository: Repository;
afterEach(() => repository.remove());

/** A repository that has a Dockerfile and nothing of the pipeline yet; its base image is a list. */
async function plainRepository(): Promise<Repository> {
  const made = await Repository.create();
  await rm(join(made.directory, "config"), { recursive: true });
  const target = { address: inject("registryAddress"), repository: "base/listed" };
  const entries = await Promise.all(
    ARCHS.map(async ({ platform, lab }) => ({
      image: await pushImage(target, null, {
        platform,
        layers: [await busyboxLayer(lab)],
        config: { Env: ["PATH=/bin"] },
        format: "docker",
      }),
    })),
  );
  await pushIndex(target, "1", entries, "docker");
  const lines = [
    `FROM ${target.address}/base/listed:1`,
    "COPY version /version",
    "RUN /bin/busybox cat /version",
    "",
  ];
  await made.write("Dockerfile", lines.join("\n"));
  await made.commit("no pipeline");
  return made;
}

describe("build init", () => {
  it("must make a repository that boardhand build makes a list of, without a change by hand", async () => {
    repository = await plainRepository();
    const { code, stdout, stderr } = await repository.build([
      "init",
      "--image",
      repository.image,
      "--ci",
      "drone",
    ]);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    for (const path of ["Dockerfile.armhf", "Dockerfile.aarch64", "config/pipeline.yml", ".drone.yml"]) {
      expect(stdout).toContain(path);
    }
    expect(await repository.git("status", "--short", "--untracked-files=all")).toBe(
      "?? .drone.yml\n?? Dockerfile.aarch64\n?? Dockerfile.armhf\n?? config/pipeline.yml",
    );
    await repository.commit("with a pipeline");
    const built = await repository.build([], { DOCKER_PUSH: "yes" });
    expect(built.code, built.stderr).toBe(0);
    expect(await repository.tags()).toEqual(["aarch64", "amd64", "armhf", "latest"]);
    expect(await repository.list("latest")).toHaveLength(3);
  });

  it("must write nothing where something is in the way, say what, and end with 2", async () => {
    repository = await plainRepository();
    await repository.write(".drone.yml", "mine\n");
    const { code, stderr } = await repository.build(["init", "--image", repository.image, "--ci", "drone"]);
    expect(code).toBe(2);
    expect(stderr).toContain(".drone.yml is there already");
    expect(await repository.git("status", "--short", "--untracked-files=all")).toBe("?? .drone.yml");
  });

  it("must say what will not build, and write hooks that can be run", async () => {
    repository = await plainRepository();
    await repository.write("Dockerfile", "FROM node:24-slim\n");
    const { code, stdout, stderr } = await repository.build([
      "init",
      "--image",
      "user/app",
      "--ci",
      "dockerhub",
    ]);
    expect(code).toBe(0);
    expect(`${stdout}${stderr}`).toContain(
      "node:24-slim has no image for 32-bit ARM: node:22-bookworm-slim has",
    );
    const hook = join(repository.directory, "hooks/push");
    expect(execFileSync("stat", ["-c", "%a", hook], { encoding: "utf8" })).toMatch(/^7/);
  });
});
