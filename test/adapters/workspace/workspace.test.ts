import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createWorkspace } from "../../../src/adapters/workspace/index.ts";

let base = "";
let root = "";
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "boardhand-workspace-"));
  root = join(base, "root");
  mkdirSync(root);
  writeFileSync(join(base, "secret"), "secret");
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const file = (path: string, text = "x") => ({ path, text, executable: false });

describe("a path", () => {
  it.each(["../secret", "/etc/passwd", "a/../../secret", "", "a\0b", "./../x"])(
    "that leads outside by its text must be refused everywhere: %j",
    async (path) => {
      const workspace = createWorkspace(root);
      for (const work of [workspace.readText(path), workspace.exists(path), workspace.create([file(path)])]) {
        await expect(work).rejects.toMatchObject({ code: "E_FILE" });
      }
    },
  );
});

describe("reading", () => {
  it("must follow links inside of the directory and no others", async () => {
    writeFileSync(join(root, "a"), "text");
    symlinkSync("a", join(root, "inside"));
    symlinkSync("../secret", join(root, "outside"));
    const workspace = createWorkspace(root);
    expect(await workspace.readText("inside")).toBe("text");
    await expect(workspace.readText("outside")).rejects.toThrow("leads out of the directory");
  });

  it("must refuse what is no text, too large or no file, without waiting for a pipe", async () => {
    writeFileSync(join(root, "bytes"), Buffer.from([0xff, 0xfe]));
    writeFileSync(join(root, "large"), "x".repeat(1024 * 1024 + 1));
    execFileSync("mkfifo", [join(root, "pipe")]);
    const workspace = createWorkspace(root);
    await expect(workspace.readText("bytes")).rejects.toThrow("not UTF-8");
    await expect(workspace.readText("large")).rejects.toThrow("larger than 1 MiB");
    await expect(workspace.readText("pipe")).rejects.toThrow("not a regular file");
    await expect(workspace.readText("nothing")).rejects.toThrow("ENOENT");
  });

  it("must list files of folders, and neither links nor what is in them", async () => {
    mkdirSync(join(root, "a/b"), { recursive: true });
    writeFileSync(join(root, "a/b/.two"), "");
    writeFileSync(join(root, "a/one"), "");
    symlinkSync(base, join(root, "a/link"));
    const workspace = createWorkspace(root);
    expect(await workspace.list("a")).toEqual(["a/b/.two", "a/one"]);
    expect(await workspace.list("nowhere")).toEqual([]);
  });
});

describe("writing", () => {
  it("must make the folders that are needed, and programs that can be run", async () => {
    await createWorkspace(root).create([file("a/b/c", "text"), { ...file("a/run", "#!"), executable: true }]);
    expect(readFileSync(join(root, "a/b/c"), "utf8")).toBe("text");
    expect(execFileSync("stat", ["-c", "%a", join(root, "a/run")], { encoding: "utf8" })).toMatch(/^7/);
  });

  it.each(["taken", "folder", "dangling", "link/x", "taken/x"])(
    "must refuse all of it when one is in the way or leads elsewhere: %s",
    async (path) => {
      writeFileSync(join(root, "taken"), "mine");
      mkdirSync(join(root, "folder"));
      symlinkSync("nowhere", join(root, "dangling"));
      symlinkSync(base, join(root, "link"));
      const before = await readdir(base, { recursive: true });
      await expect(createWorkspace(root).create([file("new/one"), file(path)])).rejects.toMatchObject({
        code: "E_FILE",
      });
      expect(await readdir(base, { recursive: true })).toEqual(before);
      expect(readFileSync(join(root, "taken"), "utf8")).toBe("mine");
    },
  );

  it("must take back what it has made when a later one fails", async () => {
    const before = await readdir(root, { recursive: true });
    const twice = [file("new/deep/one"), file("two"), file("two")];
    await expect(createWorkspace(root).create(twice)).rejects.toThrow("EEXIST");
    expect(await readdir(root, { recursive: true })).toEqual(before);
  });

  it("may be given a link as its root", async () => {
    symlinkSync(root, join(base, "link"));
    await createWorkspace(join(base, "link")).create([file("a")]);
    expect(await createWorkspace(join(base, "link")).readText("a")).toBe("x");
    chmodSync(join(root, "a"), 0o600);
  });
});
