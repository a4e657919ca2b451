// The systemd unit, as systemd itself reads it. Skipped where there is no systemd, as in a container.
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "../architecture/tree.ts";

const UNIT = join(root, "deploy/boardhand.service");
/** In systemd's tenths of a point, from 0 for a prison to 100 for none at all. */
const EXPOSURE_MAX = 30;

function analyze(...words: string[]) {
  return spawnSync("systemd-analyze", words, { encoding: "utf8", env: { PATH: process.env.PATH } });
}

describe.skipIf(analyze("--version").error !== undefined)("the systemd unit", () => {
  test("systemd must find nothing wrong with it", () => {
    const { status, stdout, stderr } = verified(readFileSync(UNIT, "utf8"));
    expect([status, stdout, stderr]).toEqual([0, "", ""]);
  });

  test("a key that systemd does not know must be noticed", () => {
    const { stderr } = verified(readFileSync(UNIT, "utf8").replace("ProtectClock=", "ProtectClocks="));
    expect(stderr).toMatch(/Unknown key.* 'ProtectClocks'/);
  });

  test("it must be hardened", () => {
    const words = ["security", "--offline=yes", `--threshold=${EXPOSURE_MAX}`, "--no-pager"];
    const { status, stdout } = analyze(...words, UNIT);
    expect([status, stdout]).toEqual([0, expect.stringContaining("boardhand.service")]);
  });
});

/** With a program that is there in the place of the one that is to be installed. */
function verified(unit: string) {
  const directory = mkdtempSync(join(tmpdir(), "boardhand-unit-"));
  try {
    const program = join(directory, "node");
    copyFileSync("/bin/true", program);
    const file = join(directory, "boardhand.service");
    writeFileSync(file, unit.replace("/usr/bin/node", program));
    return analyze("verify", "--man=no", file);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
