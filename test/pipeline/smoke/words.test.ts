// Which words of an image are looked up, where, and what a tar stream, a `#!` line and an inspection mean.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parsePlatform } from "../../../src/core/image/index.ts";
import { type ImageFacts, judgeConfig, readImageFacts } from "../../../src/pipeline/smoke/image-facts.ts";
import { firstEntry } from "../../../src/pipeline/smoke/tar.ts";
import { candidatePaths, interpreterWords, programWords } from "../../../src/pipeline/smoke/words.ts";
import { tar } from "../../lab/tar.ts";

const ID = `sha256:${"a".repeat(64)}`;

function facts(config: object, image: object = {}): ImageFacts {
  const answer = [{ Id: ID, Os: "linux", Architecture: "arm", Variant: "v7", Config: config, ...image }];
  const read = readImageFacts(JSON.stringify(answer));
  if (read === null) throw new Error("not read");
  return read;
}

describe("the words that may be programs", () => {
  const texts = (config: object, smoke: readonly string[] | null = null): string[] =>
    programWords(facts(config), smoke).map(
      ({ text, origin, first }) => `${first ? "*" : ""}${text} ${origin}`,
    );

  it("must be those of ENTRYPOINT, CMD, the smoke command and the health check, each once", () => {
    const config = {
      Entrypoint: ["/sbin/tini", "--", "node"],
      Cmd: ["server.js", "--port=80"],
      Healthcheck: { Test: ["CMD", "wget", "-q", "http://localhost/"] },
    };
    expect(texts(config, ["node", "--version"])).toEqual([
      "*/sbin/tini ENTRYPOINT",
      "node ENTRYPOINT",
      "server.js CMD",
      "*wget HEALTHCHECK",
    ]);
  });

  it("must be found in shell form, with the shell", () => {
    const config = {
      Cmd: ["/bin/sh", "-c", "cd /app && exec ./run $PORT; echo 'x'"],
      Healthcheck: { Test: ["CMD-SHELL", "probe || exit 1"] },
      Shell: ["/bin/ash", "-ec"],
    };
    expect(texts(config)).toEqual([
      "*/bin/sh CMD",
      "/app CMD",
      "./run CMD",
      "PORT CMD",
      "x CMD",
      "*/bin/ash HEALTHCHECK",
      "probe HEALTHCHECK",
    ]);
  });

  it("must be none where the image has none, and few where it has thousands", () => {
    expect(texts({})).toEqual([]);
    expect(texts({ Entrypoint: null, Cmd: null, Healthcheck: { Test: ["NONE"] } })).toEqual([]);
    expect(texts({ Cmd: Array.from({ length: 5000 }, (_, index) => `w${index}`) })).toHaveLength(48);
  });

  it("must be looked for as execvp does, and never above the root", () => {
    const image = { path: "/a:/b:rel::/a", directory: "/srv" };
    expect(candidatePaths("app", image)).toEqual(["/a/app", "/b/app", "/srv/rel/app", "/srv/app"]);
    expect(candidatePaths("/x/../app", image)).toEqual(["/app"]);
    expect(candidatePaths("./app", image)).toEqual(["/srv/app"]);
    expect(candidatePaths("../../../app", image)).toEqual(["/app"]);
    expect(candidatePaths("a\0b", image)).toEqual([]);
    expect(candidatePaths("app", { path: null, directory: "/" })).toContain("/usr/local/bin/app");
  });

  it.each([
    ["#!/bin/sh\n", ["/bin/sh"]],
    ["#! /bin/sh -e\nexit", ["/bin/sh"]],
    ["#!/usr/bin/env node", ["/usr/bin/env", "node"]],
    ["#!/usr/bin/env -S A=1 python3 -u\n", ["/usr/bin/env", "python3"]],
    ["#!/usr/bin/env\n", ["/usr/bin/env"]],
    ["#!\n/bin/sh", []],
    ["no script", []],
    ["", []],
  ])("must be those of the interpreter in %j", (content, words) => {
    expect(interpreterWords(Buffer.from(content))).toEqual(words);
  });
});

describe("the config's promise", () => {
  const judged = (platform: string, image: object): string => {
    const judgement = judgeConfig(facts({}, image), parsePlatform(platform));
    return judgement.kind === "broken" ? `broken: ${judgement.why}` : (judgement.remark ?? "kept");
  };

  it.each([
    ["linux/arm/v7", { Architecture: "arm", Variant: "v7" }],
    ["linux/amd64", { Architecture: "amd64", Variant: "" }],
    ["linux/arm64", { Architecture: "arm64", Variant: "v8" }],
    ["linux/arm64", { Architecture: "aarch64", Variant: "" }],
  ])("must be kept for %s by %j", (platform, image) => {
    expect(judged(platform, image)).toBe("kept");
  });

  it.each([
    ["linux/arm/v6", { Architecture: "arm", Variant: "v7" }, "broken: its config says linux/arm/v7"],
    ["linux/arm/v7", { Architecture: "arm64", Variant: "v8" }, "broken: its config says linux/arm64"],
    ["linux/amd64", { Architecture: "386", Variant: "" }, "broken: its config says linux/386"],
    ["linux/amd64", { Architecture: "amd64", Variant: "v3" }, "broken: its config says linux/amd64/v3"],
    [
      "linux/amd64",
      { Os: "windows", Architecture: "amd64", Variant: "" },
      "broken: its config says windows/amd64",
    ],
    ["linux/amd64", { Architecture: "", Variant: "" }, "broken: its config does not say what it is for"],
    ["linux/arm/v6", { Architecture: "arm", Variant: "" }, "arm without a variant"],
    [
      "linux/arm/v7",
      { Architecture: "arm", Variant: "v5" },
      "broken: its config says linux/arm/v5, the matrix promises linux/arm/v7; write platform: linux/arm/v5 there",
    ],
  ])("must be told for %s by %j", (platform, image, words) => {
    expect(judged(platform, image)).toContain(words);
  });

  it("must be read from an inspection, and nothing from what is none", () => {
    expect(facts({ Env: ["PATH=/a", "PATH=/b", "X=1"], WorkingDir: "/w" }, { Size: 12 })).toMatchObject({
      id: ID,
      size: 12,
      path: "/b",
      qemuCpu: null,
      directory: "/w",
    });
    for (const text of ["", "[]", "null", "{}", "[1]", '[{"Id":"x"}]', '[{"Id":1}]']) {
      expect(readImageFacts(text)).toBeNull();
    }
  });
});

describe("the first entry of an archive", () => {
  it("must be the file with its mode, also when the archive is cut", () => {
    const archive = tar({ app: { content: "0123456789", mode: 0o755 } });
    expect(firstEntry(archive)).toMatchObject({ kind: "file", mode: 0o755, size: 10 });
    const cut = firstEntry(archive.subarray(0, 515));
    expect(cut).toMatchObject({ kind: "file", size: 10 });
    expect(cut?.kind === "file" && Buffer.from(cut.content).toString()).toBe("012");
  });

  it("must be found behind extended headers, and a directory must be one", () => {
    const archive = tar({ app: { content: "x" } });
    const extended = tar({ name: { content: "27 path=something-longer\n" } }).subarray(0, 1024);
    extended.write("x", 156);
    expect(firstEntry(Buffer.concat([extended, archive]))).toMatchObject({ kind: "file", size: 1 });
    expect(firstEntry(tar({ "dir/app": { content: "x" } }))).toEqual({ kind: "directory" });
    const link = Buffer.from(archive);
    link.write("2", 156);
    expect(firstEntry(link)).toEqual({ kind: "other" });
  });

  it("must be nothing in what is no archive, and no bytes may make it throw", () => {
    expect(firstEntry(Buffer.alloc(2048))).toBeNull();
    expect(firstEntry(Buffer.from("x"))).toBeNull();
    const archive = tar({ app: { content: "0123456789" } });
    const damage = fc.array(fc.tuple(fc.nat(511), fc.nat(255)), { maxLength: 20 });
    fc.assert(
      fc.property(damage, fc.nat(archive.length), (changes, cut) => {
        const bytes = Buffer.from(archive.subarray(0, cut));
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        firstEntry(bytes);
        interpreterWords(bytes);
      }),
    );
  });
});
