// Where the desk commands keep what they make, and what they remember of a run. Everything is below .cache/run.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = resolve(fileURLToPath(import.meta.url), "../../../..");
export const packageCache = join(root, ".cache/packages");
export const runDirectory = join(root, ".cache/run");
export const sampleDirectory = join(root, "config/examples/hello");
export const sampleProject = "hello";

const memoryFile = join(runDirectory, "run.json");

/** Files that remember our background processes. */
export const records = {
  agent: join(runDirectory, "agent.json"),
  engine: join(runDirectory, "engine/engine.json"),
  registry: join(runDirectory, "registry/registry.json"),
};

/**
 * What `make run` did to this machine, so that `make stop` can undo exactly that.
 * @typedef {object} Memory
 * @property {string} host  the engine's address
 * @property {"found" | "dockerd" | "systemd"} engine  who started it: not us, we, or we through systemd
 * @property {import("./network.mjs").NetworkTrace | null} before  the network before our dockerd
 * @property {string | null} projects  the user's own projects, or null for the sample
 * @property {number} port  the agent's page
 * @property {number} registryPort
 * @property {boolean} ownRegistry
 * @property {readonly string[]} pushed  `REPOSITORY@DIGEST`
 */

/** @returns {Memory | null} */
export function recall() {
  return existsSync(memoryFile) ? JSON.parse(readFileSync(memoryFile, "utf8")) : null;
}

/** @param {Memory} memory */
export function remember(memory) {
  mkdirSync(runDirectory, { recursive: true });
  writeFileSync(`${memoryFile}.new`, `${JSON.stringify(memory, null, 2)}\n`);
  renameSync(`${memoryFile}.new`, memoryFile);
}

/**
 * Ends the command with a message for the person at the desk; 2 is wrong usage, 1 a failure.
 * @param {string} message
 * @param {1 | 2} status
 * @returns {never}
 */
export function giveUp(message, status) {
  console.error(message);
  process.exit(status);
}
