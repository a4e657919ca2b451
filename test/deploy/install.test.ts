// install.sh before it reaches an engine: what it says of itself, what it refuses, and that half of it runs nothing.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { root } from "../architecture/tree.ts";

const SCRIPT = join(root, "deploy/install.sh");
const text = readFileSync(SCRIPT, "utf8");
const place = mkdtempSync(join(tmpdir(), "boardhand-install-"));
const calls = join(place, "calls");

// Whatever is asked of docker is written down, and fails.
writeFileSync(join(place, "docker"), `#!/bin/sh\necho "$@" >>'${calls}'\nexit 1\n`);
chmodSync(join(place, "docker"), 0o755);

beforeEach(() => rmSync(calls, { force: true }));
afterAll(() => rmSync(place, { recursive: true }));

function sh(words: readonly string[], input?: string) {
  const given = input === undefined ? [SCRIPT, ...words] : ["-s", "--", ...words];
  return spawnSync("sh", given, {
    encoding: "utf8",
    env: { PATH: `${place}:/usr/bin:/bin` },
    ...(input === undefined ? {} : { input }),
  });
}

describe("what the script says of itself", () => {
  test("its help must be in the reference word for word", () => {
    const { status, stdout } = sh(["--help"]);
    expect(status).toBe(0);
    expect(readFileSync(join(root, "docs/reference/install.md"), "utf8")).toContain(
      `\`\`\`\n${stdout}\`\`\`\n`,
    );
  });

  test("each option of its help must be known to it, and each that it knows be in its help", () => {
    const helped = [...sh(["--help"]).stdout.matchAll(/^ +(?:-h, )?(--[a-z-]+)/gm)].map(([, name]) => name);
    const body = /\noptions\(\) \{\n(.*?)\n\}\n/s.exec(text)?.[1] ?? "";
    const known = [...body.matchAll(/^ {6}(-.*)\)/gm)].flatMap(
      ([, names]) => names?.match(/--[a-z-]+/g) ?? [],
    );
    expect(helped.length).toBeGreaterThan(10);
    expect([...new Set(known)].toSorted()).toEqual(helped.toSorted());
  });

  test("the compose file in it must be deploy/compose.yaml", () => {
    const inside = /\ncompose_file\(\) \{\n {2}cat <<'EOF'\n(.*?)EOF\n/s.exec(text)?.[1];
    expect(inside).toBe(readFileSync(join(root, "deploy/compose.yaml"), "utf8"));
  });
});

describe("what is given wrongly", () => {
  test.each([
    [["--nonsense"], "there is no option --nonsense"],
    [["stray"], "there is no option stray"],
    [["--port"], "--port needs a value"],
    [["--purge"], "--purge goes with --uninstall"],
    [["--compose=yes"], "--compose takes no value"],
    [["--name", "--port"], "cannot name a container"],
    [["--name", "a;reboot"], "cannot name a container"],
    [["--name", "x y"], "cannot name a container"],
    [["--name", ""], "is empty"],
    [["--image=a\nb"], "control characters"],
    [["--insecure", "$(reboot):5000"], "is no registry"],
    [["--insecure", '"]\nx'], "control characters"],
    [["--insecure", '"],x'], "is no registry"],
  ])("%j must be refused before anything is asked of docker", (words, message) => {
    const { status, stderr, stdout } = sh(words);
    expect(stderr).toContain(message);
    expect([status, stdout, existsSync(calls)]).toEqual([2, "", false]);
  });
});

describe("a download that is cut off", () => {
  const last = text.length - 60;
  const cuts = [...Array.from({ length: 60 }, (_, back) => last + back), ...every(997, last)];

  test("must run nothing, wherever it is cut", () => {
    const ran = cuts.filter((cut) => {
      rmSync(calls, { force: true });
      sh(["--image", "x"], text.slice(0, cut));
      return existsSync(calls);
    });
    // Without its last line end it is whole.
    expect(ran.map((cut) => text.length - cut)).toEqual([1]);
  }, 60_000);

  test("a whole one must run from standard input, and read nothing more of it", () => {
    const { status, stdout, stderr } = sh(["--image", "x"], `${text}echo read on\n`);
    expect(stderr).toContain("Docker's engine does not answer");
    expect([status, stdout]).toEqual([3, ""]);
    expect(readFileSync(calls, "utf8")).toContain("version");
  });
});

function every(step: number, end: number): number[] {
  return Array.from({ length: Math.floor(end / step) }, (_, index) => index * step);
}
