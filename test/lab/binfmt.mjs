// Registers QEMU for ARM with the kernel where that is possible, and takes back only what it did itself. As a program:
// `on` says in JSON what is there and what it changed, `off CHANGES` takes that back.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = "/proc/sys/fs/binfmt_misc";
const WANTED = ["qemu-arm", "qemu-aarch64"];

/**
 * @typedef {object} Emulation
 * @property {readonly string[]} available  registrations that are enabled now, of the ones the tests use
 * @property {readonly (readonly string[])[]} changes  commands that take back what was done, in their order
 */

/** @returns {Emulation} */
export function enableEmulation() {
  /** @type {string[][]} */
  const changes = [];
  if (!existsSync(join(ROOT, "status")) && succeeds(["mount", "-t", "binfmt_misc", "binfmt_misc", ROOT])) {
    changes.unshift(["umount", ROOT]);
  }
  for (const name of WANTED.filter((one) => !isEnabled(one))) {
    succeeds(["update-binfmts", "--enable", name]);
    if (isEnabled(name)) changes.unshift(["update-binfmts", "--disable", name]);
  }
  return { available: WANTED.filter(isEnabled), changes };
}

/** @param {Emulation["changes"]} changes */
export function restoreEmulation(changes) {
  for (const command of changes) succeeds(command);
}

/** @param {string} name */
function isEnabled(name) {
  const path = join(ROOT, name);
  return existsSync(path) && readFileSync(path, "utf8").startsWith("enabled");
}

/** @param {readonly string[]} words */
function succeeds([command = "", ...args]) {
  return spawnSync(command, args, { timeout: 30_000 }).status === 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , word, changes = "[]"] = process.argv;
  if (word === "on") console.log(JSON.stringify(enableEmulation()));
  else if (word === "off") restoreEmulation(JSON.parse(changes));
  else throw new Error("usage: binfmt.mjs on | off CHANGES");
}
