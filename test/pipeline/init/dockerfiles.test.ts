import { describe, expect, it } from "vitest";
import { BoardhandError } from "../../../src/core/model/index.ts";
import { armDockerfile } from "../../../src/pipeline/init/dockerfiles.ts";
import { outlineOf } from "../../../src/pipeline/init/instructions.ts";

const armhf = (text: string) => armDockerfile(text, "armhf").text;
const aarch64 = (text: string) => armDockerfile(text, "aarch64").text;
const told = (text: string) => {
  const { notes, warnings } = armDockerfile(text, "armhf");
  return { notes, warnings };
};

function refused(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof BoardhandError) return `${error.code} ${error.message}`;
    throw error;
  }
  return "not refused";
}

describe("an official image must become the one of the architecture's organisation", () => {
  it.each([
    ["alpine:3.20", "arm32v7/alpine:3.20", "arm64v8/alpine:3.20"],
    ["alpine", "arm32v7/alpine", "arm64v8/alpine"],
    ["ubuntu:24.04", "arm32v7/ubuntu:24.04", "arm64v8/ubuntu:24.04"],
    ["debian:trixie-slim", "arm32v7/debian:trixie-slim", "arm64v8/debian:trixie-slim"],
    ["node:22-bookworm-slim", "arm32v7/node:22-bookworm-slim", "arm64v8/node:22-bookworm-slim"],
    ["python:3.13-alpine", "arm32v7/python:3.13-alpine", "arm64v8/python:3.13-alpine"],
    ["nginx:1.28", "arm32v7/nginx:1.28", "arm64v8/nginx:1.28"],
    ["golang:1.25", "arm32v7/golang:1.25", "arm64v8/golang:1.25"],
    ["library/alpine:3.20", "arm32v7/alpine:3.20", "arm64v8/alpine:3.20"],
    ["docker.io/library/alpine:3.20", "docker.io/arm32v7/alpine:3.20", "docker.io/arm64v8/alpine:3.20"],
    ["docker.io/alpine", "docker.io/arm32v7/alpine", "docker.io/arm64v8/alpine"],
    ["amd64/alpine:3.20", "arm32v7/alpine:3.20", "arm64v8/alpine:3.20"],
  ])("%s", (base, arm, arm64) => {
    expect(armhf(`FROM ${base}\nRUN true\n`)).toBe(`FROM ${arm}\nRUN true\n`);
    expect(aarch64(`FROM ${base}\nRUN true\n`)).toBe(`FROM ${arm64}\nRUN true\n`);
    expect(told(`FROM ${base}\n`)).toEqual({ notes: [], warnings: [] });
  });
});

describe("any other image must stay as it is, and be told", () => {
  it.each([
    ["ghcr.io/owner/base:1", "not one of Docker's official images"],
    ["localhost:5000/alpine:3", "not one of Docker's official images"],
    ["owner/alpine:3", "not one of Docker's official images"],
    ["arm32v7/alpine:3", "not one of Docker's official images"],
    ["traefik:3", "not known whether"],
    [`alpine@sha256:${"0".repeat(64)}`, "pinned"],
    [`alpine:3.20@sha256:${"0".repeat(64)}`, "pinned"],
    ["$BASE", "variable"],
    [`\${REGISTRY}/alpine`, "variable"],
    [`owner-\${X}/alpine:3`, "variable"],
  ])("%s", (base, why) => {
    const text = `FROM ${base}\n`;
    expect(armhf(text)).toBe(text);
    const { notes, warnings } = told(text);
    expect(warnings).toEqual([]);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(/^Dockerfile:1: /);
    expect(notes[0]).toContain(why);
  });
});

describe("what has no 32-bit ARM must be warned of, for 32-bit ARM alone", () => {
  it.each([
    ["node:24", "node:22-bookworm has"],
    ["node", "node:22-bookworm has"],
    ["node:lts-slim", "node:22-bookworm-slim has"],
    ["node:26-alpine", "node:22-alpine has"],
    ["node:22-trixie-slim", "node:22-bookworm-slim has"],
    ["mysql:8", "mysql has no image for 32-bit ARM"],
  ])("%s", (base, words) => {
    expect(told(`FROM ${base}\n`).warnings.join()).toContain(words);
    expect(armDockerfile(`FROM ${base}\n`, "aarch64").warnings).toEqual([]);
  });

  it("the default of an argument must be what is judged", () => {
    const text = `ARG NODE="24"\nFROM node:\${NODE}-slim\n`;
    expect(armhf(text)).toBe(`ARG NODE="24"\nFROM arm32v7/node:\${NODE}-slim\n`);
    expect(told(text).warnings.join()).toContain("node:24-slim has no image");
    expect(told(text.replace("24", "22")).warnings).toEqual([]);
    expect(told(`FROM node:\${NODE:-26}\n`).warnings.join()).toContain("node:26");
  });
});

describe("stages", () => {
  it("every FROM must be looked at, and what is no base image left alone", () => {
    const text = [
      "# syntax=docker/dockerfile:1",
      "FROM --platform=$BUILDPLATFORM node:24 AS build",
      "FROM alpine:3.20 as Run",
      "COPY --from=build /a /a",
      "FROM run",
      "FROM scratch",
      "FROM --platform=$TARGETPLATFORM debian:13",
      "FROM RUN AS last",
      "",
    ].join("\n");
    expect(armhf(text)).toBe(text.replace("FROM alpine:3.20", "FROM arm32v7/alpine:3.20"));
    expect(told(text)).toEqual({ notes: [], warnings: [] });
  });

  it("a stage that is named later is no stage yet", () => {
    expect(armhf("FROM alpine\nFROM debian AS alpine\n")).toBe(
      "FROM arm32v7/alpine\nFROM arm32v7/debian AS alpine\n",
    );
  });

  it("a fixed platform must be told, since that stage is not built for ARM", () => {
    const text = "FROM --platform=linux/amd64 alpine\n";
    expect(armhf(text)).toBe(text);
    expect(told(text).notes).toEqual([
      "Dockerfile:1: alpine is fixed to linux/amd64: it stays, for armhf too",
    ]);
  });
});

describe("nothing but the images of FROM must change, byte for byte", () => {
  it.each([
    ["CRLF", "FROM alpine:3\r\nRUN a\r\n"],
    ["a byte order mark", "\uFEFFFROM alpine:3\n"],
    ["no end of line", "FROM alpine:3"],
    ["lower case, tabs and spaces", "  from\t  alpine:3  \t AS  x \n\n\n"],
    ["a comment before", "# FROM debian\nFROM alpine:3\n  # FROM debian\n"],
    ["continued, with a comment between", "FROM \\\n  # FROM debian\n\n  alpine:3 \\  \n  AS x\nRUN a\n"],
    ["continued by another character", "# escape=`\nFROM `\n alpine:3\nRUN a `\n FROM debian\nRUN c:\\\n"],
    ["a directive after a comment is none", "# hello\n# escape=`\nFROM \\\n alpine:3\n"],
    ["FROM inside of a continued RUN", "FROM alpine:3\nRUN a \\\nFROM debian\n"],
    ["continued with CRLF", "FROM \\\r\n alpine:3\r\nRUN a \\\r\nFROM debian\r\n"],
    ["a here-document", "FROM alpine:3\nRUN <<EOF\nFROM debian\nEOF\nRUN b\n"],
    ["with tabs taken off", "FROM alpine:3\nRUN <<-EOF sh\n\tFROM debian\n\tEOF\nRUN b\n"],
    ["quoted, two of them", "FROM alpine:3\nCOPY <<'A' <<\"B\" /x/\nFROM debian\nA\nFROM debian\nB\nRUN b\n"],
    ["of ONBUILD", "FROM alpine:3\nONBUILD RUN <<E\nFROM debian\nE\n"],
    ["a shift that is none", "FROM alpine:3\nRUN echo $((1 <<2)) <<x\nRUN b\n"],
  ])("%s", (_, text) => {
    expect(armhf(text)).toBe(text.replace("alpine:3", "arm32v7/alpine:3"));
    expect(outlineOf(text).froms).toHaveLength(1);
  });

  it("an escaped escape must end the line", () => {
    expect(outlineOf("FROM a\nRUN b \\\\\nFROM c\n").froms).toHaveLength(2);
  });

  it("a here-document whose end never comes must not hide the stages after it", () => {
    expect(outlineOf("FROM a\nRUN echo <<x\nFROM b\n").froms).toHaveLength(2);
  });
});

describe("what cannot be taken apart must be refused with its line", () => {
  it.each([
    ["FROM\n", "Dockerfile:1: FROM is not written as"],
    ["FROM alpine debian\n", "Dockerfile:1: FROM is not written as"],
    ["RUN a\nFROM alpine AS\n", "Dockerfile:2: FROM is not written as"],
    ["FROM alpine AS a b\n", "Dockerfile:1: FROM is not written as"],
    ["FROM alp\\\nine\n", "Dockerfile:2: a word of FROM goes over two lines"],
    ["# escape=x\nFROM alpine\n", "Dockerfile:1: escape is neither"],
  ])("%j", (text, words) => {
    expect(refused(() => armhf(text))).toContain(`E_BUILD ${words}`);
  });

  it("a large and hostile text must be read in no time", () => {
    const text = `${"# a=b\n".repeat(20_000)}${"FROM a\\\n".repeat(20_000)}`;
    const started = performance.now();
    refused(() => armhf(text));
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
