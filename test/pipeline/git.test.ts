import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createPrograms } from "../../src/adapters/programs/index.ts";
import { contextFromGit } from "../../src/pipeline/index.ts";

const run = promisify(execFile);
const programs = createPrograms();
const signal = new AbortController().signal;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "bh-git-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

/** As somebody whose own configuration says nothing. */
async function git(...words: string[]): Promise<string> {
  const who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"];
  const { stdout } = await run("git", [...who, ...words], { cwd: directory });
  return stdout.trim();
}

async function repository(): Promise<string> {
  await git("init", "--quiet", "--initial-branch=main");
  await writeFile(join(directory, "file"), "one\n");
  await git("add", "file");
  await git("commit", "--quiet", "-m", "first");
  return await git("rev-parse", "HEAD");
}

const look = () => contextFromGit({ programs, signal }, directory);

describe("a build at a desk", () => {
  it("must be of the branch and the commit that git has", async () => {
    const commit = await repository();
    expect(await look()).toEqual({ provider: "git", event: "push", branch: "main", tag: null, commit });
  });

  it("must be of the branch, even where that has a tag", async () => {
    await repository();
    await git("tag", "v1.2.3");
    expect(await look()).toMatchObject({ event: "push", branch: "main", tag: null });
  });

  it("must be of the tag that is checked out", async () => {
    const commit = await repository();
    await git("tag", "v1.2.3");
    await git("checkout", "--quiet", "v1.2.3");
    expect(await look()).toEqual({ provider: "git", event: "tag", branch: null, tag: "v1.2.3", commit });
  });

  it("must be of neither where a bare commit is checked out", async () => {
    const commit = await repository();
    await git("checkout", "--quiet", "--detach");
    expect(await look()).toMatchObject({ event: "other", branch: null, tag: null, commit });
  });

  it("must not pass changed files off as the commit; new ones that git does not know are no change", async () => {
    const commit = await repository();
    await writeFile(join(directory, "new"), "");
    expect((await look()).commit).toBe(commit);
    await writeFile(join(directory, "file"), "two\n");
    expect((await look()).commit).toBe(`${commit}-dirty`);
  });

  it("must know nothing outside a repository, or before its first commit", async () => {
    const nothing = { provider: "git", event: "local", branch: null, tag: null, commit: null };
    expect(await look()).toEqual(nothing);
    await git("init", "--quiet");
    expect(await look()).toEqual(nothing);
  });
});
