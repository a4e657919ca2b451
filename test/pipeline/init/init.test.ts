import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadPipeline } from "../../../src/adapters/config/index.ts";
import { createWorkspace } from "../../../src/adapters/workspace/index.ts";
import { yamlParser } from "../../../src/adapters/yaml/index.ts";
import { BoardhandError } from "../../../src/core/model/index.ts";
import { CI_NAMES, type CiName, type InitOptions, runInit } from "../../../src/pipeline/init/index.ts";
import { definitionsFolder } from "../../lab/ci/definitions.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "boardhand-init-"));
  put("Dockerfile", "FROM alpine:3.20\nCMD true\n");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const read = (path: string) => readFileSync(join(root, path), "utf8");
const tree = async () => (await readdir(root, { recursive: true })).sort();

function init(options: Partial<InitOptions> = {}) {
  const deps = { repository: createWorkspace(root), definitions: createWorkspace(definitionsFolder) };
  return runInit(deps, { image: "user/app", main: "main", ci: [], ...options });
}

async function refusal(options: Partial<InitOptions> = {}): Promise<string> {
  const before = await tree();
  const error = await init(options).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(await tree()).toEqual(before);
  if (error instanceof BoardhandError) return `${error.code} ${error.message}`;
  throw error ?? new Error("not refused");
}

describe("a repository with one Dockerfile", () => {
  it("must get two more and a pipeline.yml, and keep its own", async () => {
    const result = await init();
    expect(result).toEqual({
      written: ["Dockerfile.armhf", "Dockerfile.aarch64", "config/pipeline.yml"],
      kept: ["Dockerfile"],
      notes: [],
      warnings: [],
    });
    expect(read("Dockerfile")).toBe("FROM alpine:3.20\nCMD true\n");
    expect(read("Dockerfile.armhf")).toBe("FROM arm32v7/alpine:3.20\nCMD true\n");
    expect(read("Dockerfile.aarch64")).toBe("FROM arm64v8/alpine:3.20\nCMD true\n");
  });

  it("an ARM Dockerfile that is there must be kept", async () => {
    put("Dockerfile.armhf", "FROM mine\n");
    const { written, kept } = await init();
    expect(written).toEqual(["Dockerfile.aarch64", "config/pipeline.yml"]);
    expect(kept).toEqual(["Dockerfile", "Dockerfile.armhf"]);
    expect(read("Dockerfile.armhf")).toBe("FROM mine\n");
  });

  it.each<[string, CiName[], boolean]>([
    ["plain", [], false],
    ["with npm", ["github"], true],
    ["with buildctl", ["travis-buildkit"], false],
  ])("its pipeline.yml must be one that boardhand build takes: %s", async (_, ci, isNode) => {
    if (isNode) put("package.json", "{}");
    await init({ ci, image: "ghcr.io/user/app", main: "1.0" });
    const config = await loadPipeline({ file: null, root, parseYaml: yamlParser("E_CONFIG") });
    expect(config).toMatchObject({
      image: "ghcr.io/user/app",
      main: "1.0",
      builder: ci.includes("travis-buildkit") ? "buildctl" : "auto",
      test: isNode ? ["npm ci", "npm test"] : [],
    });
    expect(config.matrix.map(({ arch, dockerfile }) => [arch, dockerfile])).toEqual([
      ["amd64", join(root, "Dockerfile")],
      ["armhf", join(root, "Dockerfile.armhf")],
      ["aarch64", join(root, "Dockerfile.aarch64")],
    ]);
  });

  it.each(CI_NAMES)("the files of %s must be the ones of deploy/pipeline", async (name) => {
    const { written } = await init({ ci: [name] });
    const own = written.filter((path) => !path.startsWith("Dockerfile") && path !== "config/pipeline.yml");
    expect(own.length).toBeGreaterThan(0);
    for (const path of own) {
      expect(read(path)).toBe(readFileSync(join(definitionsFolder, name, path), "utf8"));
      expect((statSync(join(root, path)).mode & 0o100) !== 0).toBe(read(path).startsWith("#!"));
    }
  });

  it.each([
    ["github", ".github/workflows/images.yml", 'branches: ["trunk/1.0"] #'],
    ["drone", ".drone.yml", 'ref: ["refs/heads/trunk/1.0", refs/tags/v*] #'],
  ] as const)("another main branch must be named where %s has to know it", async (name, path, line) => {
    await init({ ci: [name], main: "trunk/1.0" });
    const lines = read(path)
      .split("\n")
      .filter((text) => text.endsWith("# main branch"));
    expect(lines.length).toBeGreaterThan(0);
    for (const text of lines) expect(text).toContain(line);
  });
});

describe("nothing must be written when anything is wrong", () => {
  it("no Dockerfile", async () => {
    rmSync(join(root, "Dockerfile"));
    expect(await refusal()).toContain("E_USAGE nothing was written:\nthere is no Dockerfile to start from");
  });

  it("all that is there already must be listed", async () => {
    put(".drone.yml", "mine\n");
    put("pipeline.yml", "mine\n");
    put(".travis.yml", "mine\n");
    expect(await refusal({ ci: ["drone", "travis", "github"] })).toBe(
      [
        "E_USAGE nothing was written:",
        ...["pipeline.yml", ".drone.yml", ".travis.yml"].map((path) => `${path} is there already`),
      ].join("\n"),
    );
    expect(read(".drone.yml")).toBe("mine\n");
  });

  it.each<[string, Partial<InitOptions>]>([
    ['"user/app:1" is not a repository', { image: "user/app:1" }],
    ['"User/App" is not a repository', { image: "User/App" }],
    ['"" is not a repository', { image: "" }],
    ['"a\\nb" is not a repository', { image: "a\nb" }],
    ['"a: b" is not a plain name of a branch', { main: "a: b" }],
    ['"a]" is not a plain name', { main: "a]" }],
    ['"v*" is not a plain name', { main: "v*" }],
    ['"$&" is not a plain name', { main: "$&" }],
    ["both written to .github/workflows/images.yml", { ci: ["github", "github-native"] }],
    ["both written to .travis.yml", { ci: ["travis", "travis-buildkit"] }],
    ["travis-buildkit goes alone", { ci: ["travis-buildkit", "drone"] }],
  ])("%s", async (words, options) => {
    expect(await refusal(options)).toContain(words);
  });

  it("a registry's port is no tag", async () => {
    expect((await init({ image: "localhost:5000/app" })).written).toHaveLength(3);
  });

  it("a definition named twice is one", async () => {
    expect((await init({ ci: ["drone", "drone"] })).written).toHaveLength(4);
  });

  it("a Dockerfile that cannot be taken apart", async () => {
    put("Dockerfile", "FROM a b c\n");
    expect(await refusal()).toMatch(/^E_BUILD Dockerfile:1/);
  });

  it("a Dockerfile that is a link to elsewhere", async () => {
    rmSync(join(root, "Dockerfile"));
    symlinkSync("/etc/passwd", join(root, "Dockerfile"));
    expect(await refusal()).toMatch(/^E_FILE .*leads out of the directory/);
  });

  it("a folder on the way that is a link, or a file", async () => {
    mkdirSync(join(root, "elsewhere"));
    symlinkSync("elsewhere", join(root, "config"));
    expect(await refusal()).toMatch(/^E_FILE config is a link/);
    rmSync(join(root, "config"));
    put("config", "a file");
    expect(await refusal()).toMatch(/^E_FILE config is in the way/);
  });
});

it("a link to nowhere in the place of an ARM Dockerfile must be kept, and not be written through", async () => {
  symlinkSync(join(root, "nowhere"), join(root, "Dockerfile.armhf"));
  expect((await init()).kept).toContain("Dockerfile.armhf");
  expect(existsSync(join(root, "nowhere"))).toBe(false);
});
