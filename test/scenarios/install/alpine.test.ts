// install.sh on a board as Alpine has it: of programs there are busybox's alone, apk and OpenRC. No package of Alpine's can be
// had here, so apk and OpenRC are stand-ins that write down what is asked of them; docker comes with the package.
import { execFile } from "node:child_process";
import { once } from "node:events";
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SCRIPT } from "./board.ts";

const run = promisify(execFile);

const WITH_OPENRC = [
  "apk update",
  "apk add docker",
  "rc-update add docker default",
  "rc-service docker start",
];

/** An engine that answers, and is where the script goes no further. */
const DOCKER = `#!/bin/sh
case $1 in version) echo 20.10.24 linux amd64 ;; *) echo tcp://elsewhere.invalid ;; esac
`;
const GONE_ON = {
  code: 3,
  stderr: expect.stringContaining("docker speaks to tcp://elsewhere.invalid"),
};

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "boardhand-alpine-"));
  await mkdir(join(directory, "bin"));
  await run("busybox", ["--install", "-s", join(directory, "bin")]);
  await writeFile(join(directory, "docker"), DOCKER, { mode: 0o755 });
  await standIn("apk", `[ "$1" != add ] || cp '${directory}/docker' '${directory}/bin/docker'`);
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe("install.sh --install-docker", () => {
  it("must install and start the engine, and go on with it", async () => {
    await standIn("rc-update");
    await standIn("rc-service");
    expect(await installing()).toMatchObject(GONE_ON);
    expect(await calls()).toEqual(WITH_OPENRC);
  });

  it("of a download by wget it must do the same", async () => {
    await standIn("rc-update");
    await standIn("rc-service");
    const script = await readFile(SCRIPT);
    const server = createServer((_request, response) => void response.end(script)).listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/deploy/install.sh`;
      const ended = await sh({}, "-c", `wget -qO- ${url} | sh -s -- --install-docker`);
      expect(ended).toMatchObject(GONE_ON);
    } finally {
      server.close();
    }
    expect(await calls()).toEqual(WITH_OPENRC);
  });

  it("without OpenRC it must say at once that nothing starts the engine", async () => {
    expect(await installing()).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/Start dockerd.*behind but Docker's packages/s),
    });
    expect(await calls()).toEqual(["apk update", "apk add docker"]);
  });

  it("a package that cannot be had must be told with where it would be", async () => {
    await standIn("apk", '[ "$1" != add ]');
    await standIn("rc-service");
    expect(await installing()).toMatchObject({ code: 3, stderr: expect.stringContaining("community") });
    expect(await calls()).toEqual(["apk update", "apk add docker"]);
  });

  it("in a dry run it must print what it would run, and run nothing", async () => {
    const { code, stdout } = await installing("--dry-run");
    expect([code, stdout.split("\n").slice(0, -2)]).toEqual([0, WITH_OPENRC]);
    expect(await calls()).toEqual([]);
  });

  it("somebody who is not root must be told, and nothing be run", async () => {
    await chmod(directory, 0o755);
    await copyFile(SCRIPT, join(directory, "install.sh"));
    const ended = await sh({ uid: 65_534 }, join(directory, "install.sh"), "--install-docker");
    expect(ended).toMatchObject({ code: 3, stderr: expect.stringContaining("takes root") });
    expect(await calls()).toEqual([]);
  });
});

it("without docker it must be told how Alpine installs it", async () => {
  expect(await sh({}, SCRIPT)).toMatchObject({
    code: 3,
    stderr: expect.stringContaining("sudo apk add docker && "),
  });
  expect(await calls()).toEqual([]);
});

interface End {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function installing(...words: readonly string[]): Promise<End> {
  return sh({}, SCRIPT, "--install-docker", ...words);
}

/** Busybox's shell, and no other program on its PATH but busybox's and the stand-ins. */
async function sh(as: { readonly uid?: number }, ...words: readonly string[]): Promise<End> {
  const bin = join(directory, "bin");
  try {
    const said = await run(join(bin, "sh"), words, { ...as, env: { PATH: bin }, timeout: 120_000 });
    return { code: 0, ...said };
  } catch (error) {
    return error as End;
  }
}

/** A program that writes down that it was called, and how, and then does something. */
async function standIn(name: string, does = ""): Promise<void> {
  const path = join(directory, "bin", name);
  await rm(path, { force: true });
  const lines = ["#!/bin/sh", `echo "${name} $*" >>'${directory}/calls'`, does, ""];
  await writeFile(path, lines.join("\n"), { mode: 0o755 });
}

async function calls(): Promise<readonly string[]> {
  const text = await readFile(join(directory, "calls"), "utf8").catch(() => "");
  return text.split("\n").filter((line) => line !== "");
}
