// The binfmt_misc file system as a directory: the kernel's own, of this machine and of a namespace, and hostile ones.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createBinfmt } from "../../../src/adapters/binfmt/index.ts";

const run = promisify(execFile);
const MAGIC = "7f454c4601010100000000000000000002002800";
const MASK = "ffffffffffffff00fffffffffffffffffeffffff";

let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "boardhand-binfmt-"));
});
afterEach(() => rm(directory, { recursive: true }));

const write = (name: string, ...lines: readonly string[]) =>
  writeFile(join(directory, name), `${lines.join("\n")}\n`);
const armEntry = (flags: string, interpreter = "/usr/bin/qemu-arm") => [
  ...["enabled", `interpreter ${interpreter}`, `flags: ${flags}`],
  ...["offset 0", `magic ${MAGIC}`, `mask ${MASK}`],
];
const read = () => createBinfmt(directory).read();
const names = async () => (await read()).entries.map(({ name }) => name);

describe("the switch and the entries", () => {
  test("must be read as the kernel writes them, sorted by name", async () => {
    await write("status", "enabled");
    await write("register", "");
    await write("qemu-arm", ...armEntry("PF"));
    await write("python3", "disabled", "interpreter /usr/bin/python3", "flags: ", "extension .pyc");
    expect(await read()).toEqual({
      mounted: true,
      enabled: true,
      entries: [
        { name: "python3", enabled: false, interpreter: "/usr/bin/python3", flags: "", magic: null },
        { name: "qemu-arm", enabled: true, interpreter: "/usr/bin/qemu-arm", flags: "PF", magic: MAGIC },
      ],
    });
  });

  test("must be seen as switched off where status says so", async () => {
    await write("status", "disabled");
    expect(await read()).toMatchObject({ mounted: true, enabled: false });
  });

  test("must count as not mounted in an empty directory and where there is none", async () => {
    const nothing = { mounted: false, enabled: false, entries: [] };
    expect(await read()).toEqual(nothing);
    expect(await createBinfmt(join(directory, "nowhere")).read()).toEqual(nothing);
  });

  test("must be what a kernel really writes", async (context) => {
    const rule = `:boardhand:M:0:\\x7fELF\\x01:\\xff\\xff\\xff\\xff\\xff:/usr/bin/env:P`;
    const root = "/proc/sys/fs/binfmt_misc";
    const script = `mount -t binfmt_misc b ${root} && printf '%s' '${rule}' > ${root}/register && cp -r ${root}/[bs]* ${directory}`;
    // Kernels before 6.7, and some containers, let nobody have one of their own.
    const done = await run("unshare", ["-Urm", "sh", "-c", script]).catch(() => null);
    if (done === null) return context.skip();
    expect(await read()).toEqual({
      mounted: true,
      enabled: true,
      entries: [
        { name: "boardhand", enabled: true, interpreter: "/usr/bin/env", flags: "P", magic: "7f454c4601" },
      ],
    });
  });
});

describe("a hostile entry", () => {
  beforeEach(() => write("status", "enabled"));

  test("must not be believed when its interpreter forges a line of flags", async () => {
    await write("forged", ...armEntry("", "/usr/bin/qemu-arm\nflags: F"));
    expect(await names()).toEqual([]);
  });

  test.each([
    ["no state", ["interpreter /usr/bin/x", "flags: F"]],
    ["another state", ["enabledx", "interpreter /usr/bin/x", "flags: F"]],
    ["no interpreter", ["enabled", "flags: F"]],
    ["an empty interpreter", ["enabled", "interpreter ", "flags: F"]],
    ["no flags", ["enabled", "interpreter /usr/bin/x"]],
    ["flags that are none", ["enabled", "interpreter /usr/bin/x", "flags: F; rm"]],
    ["nothing at all", [""]],
  ])("must be left out with %s", async (_, lines) => {
    await write("odd", ...lines);
    expect(await names()).toEqual([]);
  });

  test.each([
    ["not hexadecimal", ["offset 0", "magic 7fzz"]],
    ["of half a byte", ["offset 0", "magic 7f4"]],
    ["further back in the file", ["offset 4", `magic ${MAGIC}`]],
    ["said twice", ["offset 0", `magic ${MAGIC}`, `magic ${MAGIC}`]],
  ])("must have no magic when it is %s", async (_, lines) => {
    await write("odd", "enabled", "interpreter /usr/bin/x", "flags: F", ...lines);
    expect((await read()).entries).toMatchObject([{ name: "odd", magic: null }]);
  });

  test("must be left out when it is endless, a directory, or leads nowhere", async () => {
    await writeFile(join(directory, "long"), `${armEntry("F").join("\n")}\n${"x".repeat(20_000)}`);
    await mkdir(join(directory, "inner"));
    await symlink("nowhere", join(directory, "link"));
    await write("qemu-arm", ...armEntry("F"));
    expect(await names()).toEqual(["qemu-arm"]);
  });

  test("must not hold up a read when it is a pipe that nobody writes to", async () => {
    await run("mkfifo", [join(directory, "pipe")]);
    expect(await names()).toEqual([]);
  });

  test("must not be one of thousands", async () => {
    await Promise.all(Array.from({ length: 300 }, (_, n) => write(`entry-${n}`, ...armEntry("F"))));
    expect(await names()).toHaveLength(200);
  });
});
