import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createScratch } from "../../../src/adapters/scratch/index.ts";
import { Secret } from "../../../src/core/model/index.ts";

let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "boardhand-scratch-test-"));
});
afterEach(() => rm(parent, { recursive: true, force: true }));

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

describe("a scratch directory", () => {
  it("must be readable for its owner alone, with all its files", async () => {
    const before = process.umask(0);
    try {
      const { path } = await createScratch(parent).make({
        files: { "config.json": new Secret("{}") },
        links: { contexts: "/nowhere/contexts" },
      });
      expect(await modeOf(path)).toBe("700");
      expect(await modeOf(join(path, "config.json"))).toBe("600");
      expect(await readFile(join(path, "config.json"), "utf8")).toBe("{}");
      expect(await readlink(join(path, "contexts"))).toBe("/nowhere/contexts");
    } finally {
      process.umask(before);
    }
  });

  it("must be gone when it is removed, with what others put there, and not where its links lead", async () => {
    const elsewhere = join(parent, "elsewhere");
    await mkdir(elsewhere);
    await writeFile(join(elsewhere, "kept"), "");
    const directory = await createScratch(parent).make({ files: {}, links: { there: elsewhere } });
    await mkdir(join(directory.path, "more"));
    await writeFile(join(directory.path, "more/file"), "");
    await directory.remove();
    await directory.remove();
    expect(await readdir(parent)).toEqual(["elsewhere"]);
    expect(await readdir(elsewhere)).toEqual(["kept"]);
  });

  it("must leave nothing behind when it cannot be filled, and not tell the text", async () => {
    const files = { "no/such/place": new Secret("hunter2") };
    const made = createScratch(parent).make({ files, links: {} });
    const error = await made.then(
      () => expect.fail("it was made"),
      (thrown) => thrown,
    );
    expect(error).toMatchObject({ code: "E_FILE" });
    expect(`${error.message}${error.cause}`).not.toContain("hunter2");
    expect(await readdir(parent)).toEqual([]);
  });

  it("must say where it cannot be made", async () => {
    await expect(createScratch(join(parent, "missing")).make({ files: {}, links: {} })).rejects.toMatchObject(
      {
        code: "E_FILE",
        message: expect.stringContaining("missing takes no new directory (ENOENT)"),
      },
    );
  });
});

describe("a file to start from", () => {
  it("must be read as a secret, and be nothing where there is none", async () => {
    const path = join(parent, "config.json");
    await writeFile(path, "text");
    const scratch = createScratch(parent);
    const text = await scratch.read(path);
    expect(text?.reveal()).toBe("text");
    expect(String(text)).toBe("[redacted]");
    expect(await scratch.read(join(parent, "missing"))).toBeNull();
    expect(await scratch.read(join(path, "below-a-file"))).toBeNull();
  });

  it("must be refused when it is a directory or too large", async () => {
    const scratch = createScratch(parent);
    await expect(scratch.read(parent)).rejects.toMatchObject({ code: "E_FILE" });
    const path = join(parent, "large");
    await writeFile(path, Buffer.alloc(1024 * 1024 + 1));
    await expect(scratch.read(path)).rejects.toMatchObject({ code: "E_FILE" });
  });
});
