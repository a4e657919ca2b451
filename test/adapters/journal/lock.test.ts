import { spawnSync } from "node:child_process";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { numbered, open, revision, temporaryDirectory } from "./support.ts";

let directory: string;
beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

describe("the lock", () => {
  it("must refuse a second writer by the first one's process id, and let it in afterwards", async () => {
    const journal = await open(directory);
    await expect(open(directory)).rejects.toMatchObject({
      code: "E_STATE",
      message: expect.stringContaining(`process ${process.pid}`),
    });
    await journal.close();
    await (await open(directory)).close();
    expect(await readdir(directory)).not.toContain("lock");
  });

  it.each([
    ["of a process that is gone", { pid: 2 ** 22 - 1, startTime: "1" }],
    ["of an earlier process with the same id", { pid: process.pid, startTime: "1" }],
    ["of a process that is gone, where start times are not known", { pid: 2 ** 22 - 1, startTime: null }],
    ["that is empty", null],
  ])("must take over a lock %s", async (_, owner) => {
    await (await open(directory)).close();
    const journal = await open(directory);
    const own = JSON.parse(await readFile(join(directory, "lock"), "utf8")) as object;
    await journal.close();
    await writeFile(join(directory, "lock"), owner === null ? "" : JSON.stringify({ ...own, ...owner }));
    await (await open(directory)).close();
  });

  /** As if the owner of the lock were process 1 of a container. */
  async function inContainer(path: string): Promise<void> {
    const lock = JSON.parse(await readFile(path, "utf8")) as object;
    await writeFile(path, JSON.stringify({ ...lock, pid: 1, startTime: "1", namespace: "pid:[1]" }));
  }

  it("must refuse a second writer while the first one lives in another container, and let it in afterwards", async () => {
    const path = join(directory, "lock");
    const journal = await open(directory);
    const lock = await readFile(path, "utf8");
    await inContainer(path);
    await expect(open(directory)).rejects.toMatchObject({
      code: "E_STATE",
      message: expect.stringContaining("process 1 of another container"),
      data: { pid: 1 },
    });
    await writeFile(path, lock);
    await journal.close();
    expect((await readdir(directory)).filter((name) => name.startsWith("lock"))).toEqual([]);
    await (await open(directory)).close();
  });

  it("must be taken over where its owner died in another container, of which a power cut left the socket", async () => {
    const path = join(directory, "lock");
    const left = join(directory, "lock-0123456789abcdef.sock");
    const program = `require("net").createServer().listen(${JSON.stringify(left)}, () => process.kill(process.pid, 9))`;
    spawnSync(process.execPath, ["-e", program]);
    await (await open(directory)).close();
    expect(await readdir(directory)).not.toContain(basename(left));
    spawnSync(process.execPath, ["-e", program]);
    const journal = await open(directory);
    const lock = JSON.parse(await readFile(path, "utf8")) as object;
    await journal.close();
    spawnSync(process.execPath, ["-e", program]);
    await writeFile(path, JSON.stringify({ ...lock, socket: basename(left) }));
    await inContainer(path);
    await (await open(directory)).close();
    expect((await readdir(directory)).filter((name) => name.startsWith("lock"))).toEqual([]);
  });

  it("must let readers look beside a writer, and refuse their writes", async () => {
    const writer = await open(directory);
    await writer.append("web", { type: "suspended", value: true }, "durable");
    const reader = await open(directory, { readOnly: true });
    expect(reader.memory("web").suspended).toBe(true);
    await expect(reader.append("web", numbered(1), "lazy")).rejects.toMatchObject({ code: "E_STATE" });
    await expect(reader.saveRevision(revision("a", 1))).rejects.toMatchObject({ code: "E_STATE" });
    await expect(reader.writeCache("x", 1)).rejects.toMatchObject({ code: "E_STATE" });
    await reader.close();
    await writer.append("web", { type: "suspended", value: false }, "durable");
    await writer.close();
  });

  it("must let readers look where there is nothing, and make nothing there", async () => {
    const reader = await open(join(directory, "none"), { readOnly: true });
    expect(reader.projects()).toEqual([]);
    expect(await reader.loadRevision("web", "a")).toBeNull();
    await reader.close();
    expect(await readdir(directory)).toEqual([]);
  });
});
