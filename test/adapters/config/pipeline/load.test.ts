import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadPipeline } from "../../../../src/adapters/config/index.ts";
import { yamlParser } from "../../../../src/adapters/yaml/index.ts";
import { BoardhandError, type PipelineConfig } from "../../../../src/core/model/index.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "bh-pipeline-"));
});
afterEach(async () => {
  await rm(root, { recursive: true });
});

const ROW = "{arch: armhf, platform: linux/arm/v7}";

async function load(text: string, file: string | null = "pipeline.yml"): Promise<PipelineConfig> {
  await writeFile(join(root, "pipeline.yml"), text);
  return await loadPipeline({ file, root, parseYaml: yamlParser("E_CONFIG") });
}

/** The message of the refusal, without the directory. */
async function refusal(text: string, file: string | null = "pipeline.yml"): Promise<string> {
  try {
    await load(text, file);
  } catch (error) {
    if (!(error instanceof BoardhandError)) throw error;
    expect(error.code).toBe("E_CONFIG");
    return error.message.replaceAll(`${root}/`, "").replaceAll(root, "ROOT");
  }
  throw new Error("was not refused");
}

describe("a pipeline", () => {
  it("must be complete when only an image and a matrix are written", async () => {
    const config = await load(`image: user/app\nmatrix:\n  - ${ROW}\n`);
    expect(config).toEqual({
      file: join(root, "pipeline.yml"),
      root,
      context: root,
      image: "user/app",
      main: "main",
      builder: "auto",
      parallel: 1,
      emulators: "auto",
      prepare: [],
      test: [],
      timeoutMs: 3_600_000,
      list: "docker",
      labels: {},
      matrix: [
        {
          arch: "armhf",
          platform: { os: "linux", architecture: "arm", variant: "v7" },
          dockerfile: join(root, "Dockerfile"),
          word: "armhf",
          tags: { version: "{version}-{arch}", latest: "{arch}" },
          push: true,
          buildArgs: {},
          secrets: [],
          target: null,
          smoke: null,
        },
      ],
    });
  });

  it("must give each row what is written for all of them, and what is its own first", async () => {
    const config = await load(`
image: ghcr.io/user/app
context: app
smoke: [app, --version]
test: npm test
tags: {latest: "latest-{arch}"}
build_args: {BASE: 3.20, KEPT: "yes"}
matrix:
  - {arch: amd64, platform: linux/amd64, push: false, tags: {version: "{version}", latest: latest}}
  - arch: armhf
    platform: linux/arm/v7
    dockerfile: docker/Dockerfile.armhf
    tag: linux-arm
    build_args: {BASE: 3.10}
    smoke: null
`);
    const [amd64, armhf] = config.matrix;
    expect(config.test).toEqual(["npm test"]);
    expect(amd64).toMatchObject({
      tags: { version: "{version}", latest: "latest" },
      push: false,
      smoke: ["app", "--version"],
      // As it is written: a version is no number.
      buildArgs: { BASE: "3.20", KEPT: "yes" },
    });
    expect(armhf).toMatchObject({
      word: "linux-arm",
      dockerfile: join(root, "app/docker/Dockerfile.armhf"),
      tags: { version: "{version}-{arch}", latest: "latest-{arch}" },
      buildArgs: { BASE: "3.10", KEPT: "yes" },
      smoke: null,
    });
  });

  it("must be found in config/ first, then in the root", async () => {
    await mkdir(join(root, "config"));
    await writeFile(join(root, "config/pipeline.yml"), `image: in/config\nmatrix: [${ROW}]\n`);
    expect((await load(`image: in/root\nmatrix: [${ROW}]\n`, null)).image).toBe("in/config");
    await rm(join(root, "config/pipeline.yml"));
    expect((await load(`image: in/root\nmatrix: [${ROW}]\n`, null)).image).toBe("in/root");
  });

  it("that is nowhere must be refused, saying where it was looked for", async () => {
    const error = await loadPipeline({ file: null, root, parseYaml: yamlParser("E_CONFIG") }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({
      code: "E_CONFIG",
      message: `there is no config/pipeline.yml and no pipeline.yml in ${root}`,
      hint: expect.stringContaining("boardhand build init"),
    });
  });

  it("must take an image of an emulator under any name", async () => {
    const config = await load(
      `image: a/b\nemulators: mirror.lan:5000/tonistiigi/binfmt:v9\nmatrix: [${ROW}]\n`,
    );
    expect(config.emulators).toEqual({ image: "mirror.lan:5000/tonistiigi/binfmt:v9" });
  });

  it.each([
    ["nothing", "", "image: is missing; expected a repository without a tag such as user/app"],
    ["no rows", "image: a/b\nmatrix: []\n", "pipeline.yml:2:9: matrix: is a list; expected at least one row"],
    [
      "an unknown key",
      `image: a/b\nplattform: x\nmatrix: [${ROW}]\n`,
      "pipeline.yml:2:1: plattform: is not a known key; known here:",
    ],
    [
      "a misspelt key of a row",
      "image: a/b\nmatrix:\n  - {arch: x, platform: linux/amd64, dockerfil: y}\n",
      "pipeline.yml:3:38: matrix[0].dockerfil: is not a known key; did you mean dockerfile?",
    ],
    [
      "an unknown architecture",
      "image: a/b\nmatrix:\n  - {arch: x, platform: linux/armv9}\n",
      'pipeline.yml:3:25: matrix[0].platform: is "linux/armv9"; expected OS/ARCHITECTURE[/VARIANT] such as',
    ],
    [
      "a variant that no ARM has",
      "image: a/b\nmatrix:\n  - {arch: x, platform: linux/arm/v9}\n",
      'matrix[0].platform: is "linux/arm/v9"; expected',
    ],
    [
      "another system",
      "image: a/b\nmatrix:\n  - {arch: x, platform: windows/amd64}\n",
      'matrix[0].platform: is "windows/amd64"; expected',
    ],
    [
      "an architecture named twice",
      `image: a/b\nmatrix:\n  - ${ROW}\n  - ${ROW}\n`,
      'pipeline.yml:4:12: matrix[1].arch: is "armhf" as in matrix[0]; expected each once',
    ],
    [
      "an image with a tag",
      `image: a/b:latest\nmatrix: [${ROW}]\n`,
      'image: is "a/b:latest"; expected a repository without tag or digest such as user/app',
    ],
    ["an image that is none", `image: a/B\nmatrix: [${ROW}]\n`, 'image: is "a/B"; expected a repository'],
    [
      "secrets for a builder without them",
      "image: a/b\nbuilder: classic\nmatrix:\n  - {arch: x, platform: linux/amd64, secrets: [{id: a, env: B}]}\n",
      "matrix[0].secrets: is given with builder: classic; expected buildx, which has secrets",
    ],
    [
      "a word that is no tag",
      'image: a/b\nmatrix: [{arch: "a b", platform: linux/amd64}]\n',
      'matrix[0].arch: is "a b"; expected a word for a tag',
    ],
    [
      "a deadline of nothing",
      `image: a/b\ntimeout: 0\nmatrix: [${ROW}]\n`,
      "timeout: is 0; expected a duration such as 30m, at least 1s",
    ],
    [
      "an emulator that is no image",
      `image: a/b\nemulators: "a b"\nmatrix: [${ROW}]\n`,
      'emulators: is "a b"; expected auto, host, none, or an image',
    ],
    ["two documents", `image: a/b\n---\nimage: c/d\n`, "a second YAML document begins here"],
    ["a list", "- a\n", "is a list; expected keys with values"],
  ])("with %s must be refused with its place", async (_, text, message) => {
    expect(await refusal(text)).toContain(message);
  });
});
