// Reading projects from a real disk, hostile files included.
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createFiles } from "../../../src/adapters/files/index.ts";

const files = createFiles();
let root = "";

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "boardhand-files-"));
});

afterAll(() => rm(root, { recursive: true, force: true }));

async function put(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(root, name);
  await writeFile(path, content);
  return path;
}

test("a text must come back whole, its BOM and line ends kept", async () => {
  const text = `\uFEFFa: é\r\n${"x".repeat(200_000)}`;
  expect(await files.readText(await put("a.yaml", text))).toBe(text);
  expect(await files.readText(await put("empty", ""))).toBe("");
});

test("a file of exactly 4 MiB must be read, one byte more be refused", async () => {
  const limit = 4 * 1024 * 1024;
  expect(await files.readText(await put("limit", Buffer.alloc(limit, "x")))).toHaveLength(limit);
  await expect(files.readText(await put("large", Buffer.alloc(limit + 1, "x")))).rejects.toMatchObject({
    code: "E_FILE",
    message: expect.stringContaining("larger than 4 MiB"),
  });
});

test("what is not there, not a file or not UTF-8 must be refused with its path", async () => {
  const missing = join(root, "missing");
  await expect(files.readText(missing)).rejects.toMatchObject({
    code: "E_FILE",
    message: expect.stringContaining(missing),
    data: { file: missing, absent: true },
  });
  await expect(files.readText(root)).rejects.toMatchObject({ code: "E_FILE", data: { absent: false } });
  const latin = await put("latin1", Buffer.from([0x61, 0xe9, 0x0a]));
  await expect(files.readText(latin)).rejects.toMatchObject({
    message: expect.stringContaining("not UTF-8"),
  });
});

test("a device that never ends must be refused at once", async () => {
  await expect(files.readText("/dev/zero")).rejects.toMatchObject({
    message: expect.stringContaining("not a regular file"),
  });
});

test("a file without a size must be read to its end", async () => {
  expect(await files.readText("/proc/self/status")).toContain("Pid:");
});

test("existence must be told, below a file too, and a name too long for any file must be an error", async () => {
  const path = await put("there", "x");
  expect(await files.exists(path)).toBe(true);
  expect(await files.exists(root)).toBe(true);
  expect(await files.exists(join(root, "not-there"))).toBe(false);
  expect(await files.exists(join(path, "below"))).toBe(false);
  await expect(files.exists(join(root, "x".repeat(5000)))).rejects.toMatchObject({ code: "E_FILE" });
});

test("sub-directories must be sorted, links to directories followed, everything else left out", async () => {
  const parent = join(root, "projects");
  await mkdir(join(parent, "b"), { recursive: true });
  await mkdir(join(parent, "a"));
  await symlink(join(parent, "a"), join(parent, "link"));
  await symlink(join(parent, "nowhere"), join(parent, "dangling"));
  await writeFile(join(parent, "file"), "");
  expect(await files.directories(parent)).toEqual(["a", "b", "link"]);
  await expect(files.directories(join(root, "no-projects"))).rejects.toMatchObject({ code: "E_FILE" });
});
