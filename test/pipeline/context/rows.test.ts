import { describe, expect, it } from "vitest";
import { parsePlatform } from "../../../src/core/image/index.ts";
import { BoardhandError, type MatrixRow } from "../../../src/core/model/index.ts";
import { rowsFor } from "../../../src/pipeline/context/index.ts";

function row(arch: string, platform: string, dockerfile: string, word = arch): MatrixRow {
  return {
    arch,
    platform: parsePlatform(platform),
    dockerfile: `/repo/${dockerfile}`,
    word,
    tags: { version: "{version}-{arch}", latest: "{arch}" },
    push: true,
    buildArgs: {},
    secrets: [],
    target: null,
    smoke: null,
  };
}

const three = [
  row("amd64", "linux/amd64", "Dockerfile"),
  row("armhf", "linux/arm/v7", "Dockerfile.armhf", "linux-arm"),
  row("aarch64", "linux/arm64", "Dockerfile.aarch64"),
];
/** The alternative of one Dockerfile and build arguments. */
const shared = [
  row("amd64", "linux/amd64", "Dockerfile"),
  row("armv7", "linux/arm/v7", "Dockerfile"),
  row("armv7-musl", "linux/arm/v7", "Dockerfile", "musl-armv7"),
];
const onHub = (environment: Record<string, string>) => ({
  SOURCE_BRANCH: "main",
  DOCKER_REPO: "index.docker.io/user/app",
  IMAGE_NAME: "index.docker.io/user/app:x",
  ...environment,
});

function chosen(matrix: readonly MatrixRow[], environment: Record<string, string>, archs: string[] = []) {
  return rowsFor(matrix, { archs, environment, directory: "/repo" }).map(({ arch }) => arch);
}

function refusal(matrix: readonly MatrixRow[], environment: Record<string, string>, archs: string[] = []) {
  try {
    return `chosen: ${chosen(matrix, environment, archs)}`;
  } catch (error) {
    if (error instanceof BoardhandError) return `${error.code} ${error.message}\n${error.hint}`;
    throw error;
  }
}

describe("rows of a job", () => {
  it.each<[string, Record<string, string>, string[], string[]]>([
    ["nothing chosen is all of them", {}, [], ["amd64", "armhf", "aarch64"]],
    ["empty is nothing chosen", { DOCKERFILE: "", DOCKER_TAG: "" }, [], ["amd64", "armhf", "aarch64"]],
    ["a Dockerfile", { DOCKERFILE: "Dockerfile.armhf" }, [], ["armhf"]],
    ["the same Dockerfile written otherwise", { DOCKERFILE: "./x/../Dockerfile.armhf" }, [], ["armhf"]],
    ["an absolute Dockerfile", { DOCKERFILE: "/repo/Dockerfile.armhf" }, [], ["armhf"]],
    ["with its word", { DOCKERFILE: "Dockerfile.armhf", DOCKER_TAG: "linux-arm" }, [], ["armhf"]],
    ["with its arch", { DOCKERFILE: "Dockerfile.armhf", DOCKER_TAG: "armhf" }, [], ["armhf"]],
    ["a word alone", { DOCKER_TAG: "aarch64" }, [], ["aarch64"]],
    ["--arch wins", { DOCKERFILE: "Dockerfile.armhf" }, ["amd64"], ["amd64"]],
    ["in the matrix's order", {}, ["aarch64", "amd64", "amd64"], ["amd64", "aarch64"]],
    [
      "DOCKERFILE_PATH is Docker Hub's alone",
      { DOCKERFILE_PATH: "Dockerfile.armhf" },
      [],
      ["amd64", "armhf", "aarch64"],
    ],
  ])("%s", (_, environment, archs, expected) => {
    expect(chosen(three, environment, archs)).toEqual(expected);
  });

  it.each<[string, Record<string, string>, string[]]>([
    ["a Dockerfile for all of them", { DOCKERFILE: "Dockerfile" }, ["amd64", "armv7", "armv7-musl"]],
    ["with a word for one of them", { DOCKERFILE: "Dockerfile", DOCKER_TAG: "armv7" }, ["armv7"]],
  ])("where rows share a Dockerfile: %s", (_, environment, expected) => {
    expect(chosen(shared, environment)).toEqual(expected);
  });

  it.each<[string, Record<string, string>, string[]]>([
    ["an unknown architecture", {}, ["armhf", "mips"]],
    ["an unknown Dockerfile", { DOCKERFILE: "Dockerfile.arm" }, []],
    ["a Dockerfile outside", { DOCKERFILE: "../Dockerfile" }, []],
    ["an unknown word", { DOCKER_TAG: "latest" }, []],
    ["a word of another Dockerfile", { DOCKERFILE: "Dockerfile", DOCKER_TAG: "aarch64" }, []],
  ])("a choice that matches nothing must be refused with what there is: %s", (_, environment, archs) => {
    const text = refusal(three, environment, archs);
    expect(text).toContain("E_USAGE no image of the matrix is chosen by ");
    expect(text).toContain(
      "amd64 (/repo/Dockerfile), armhf (/repo/Dockerfile.armhf, tag linux-arm), aarch64 (/repo/Dockerfile.aarch64)",
    );
  });

  it("a hostile choice must be shown on one short line", () => {
    const text = refusal(three, { DOCKERFILE: `x\n\u001b[2J${"y".repeat(1000)}` });
    expect(text.split("\n")).toHaveLength(2);
    expect(text).not.toContain("\u001b");
    expect(text.length).toBeLessThan(400);
  });
});

describe("rows of an automated build of Docker Hub", () => {
  it.each<[string, Record<string, string>, string[]]>([
    ["the rule's Dockerfile", { DOCKERFILE_PATH: "Dockerfile.armhf", DOCKER_TAG: "latest-arm" }, ["armhf"]],
    ["from the root", { DOCKERFILE_PATH: "/Dockerfile.armhf", DOCKER_TAG: "x" }, ["armhf"]],
    ["the default is written as nothing", { DOCKERFILE_PATH: "", DOCKER_TAG: "latest" }, ["amd64"]],
    ["without a rule all", { DOCKER_TAG: "latest" }, ["amd64", "armhf", "aarch64"]],
  ])("%s", (_, environment, expected) => {
    expect(chosen(three, onHub(environment))).toEqual(expected);
  });

  it.each([
    ["armv7", ["armv7"]],
    ["1.2.3-armv7", ["armv7"]],
    ["1.2.3-musl-armv7", ["armv7-musl"]],
    ["amd64", ["amd64"]],
  ])("where rules share a Dockerfile, the end of the tag must choose: %s", (tag, expected) => {
    expect(chosen(shared, onHub({ DOCKERFILE_PATH: "Dockerfile", DOCKER_TAG: tag }))).toEqual(expected);
  });

  it.each<[Record<string, string>]>([
    [{ DOCKERFILE_PATH: "Dockerfile", DOCKER_TAG: "latest" }],
    [{ DOCKERFILE_PATH: "docker/Dockerfile", DOCKER_TAG: "armv7" }],
  ])("a rule that matches nothing must be refused: %j", (environment) => {
    expect(refusal(shared, onHub(environment))).toMatch(/^E_USAGE .*DOCKERFILE_PATH=/);
  });
});
