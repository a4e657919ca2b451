// Starts and ends an engine of our own. Refuses to guess: an engine that answers is used and never ended.
import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { engineAt } from "./engine.mjs";
import { restoreNetwork, traceNetwork } from "./network.mjs";
import { records, runDirectory } from "./paths.mjs";
import { endRecorded, livePid, startDetached, until } from "./process.mjs";

/** @typedef {import("./network.mjs").NetworkTrace} NetworkTrace */

export const defaultHost = "unix:///var/run/docker.sock";
const defaultSocket = defaultHost.slice("unix://".length);
const directory = join(runDirectory, "engine");

/** Whether systemd is what runs this machine's services. */
function systemdRuns() {
  return existsSync("/run/systemd/system");
}

/**
 * Why no engine can listen at the default address, whoever starts it; null where one can. Not mended here: whoever
 * mounts the directory has to be started again with the socket.
 * @returns {string | null}
 */
export function whatBlocksSocket() {
  if (!lstatSync(defaultSocket, { throwIfNoEntry: false })?.isDirectory()) return null;
  return [
    `${defaultSocket} is a directory, so no engine can listen there. Docker makes one where a container mounts the`,
    `socket while no engine has it. Remove it (rmdir ${defaultSocket}), then repeat the command; a container that`,
    "mounts it must be made again afterwards.",
  ].join("\n");
}

/**
 * How an engine would be started here, and what there is before: to be remembered first, so that a start that is
 * interrupted can be undone.
 * @returns {{ engine: "dockerd" | "systemd", before: NetworkTrace | null }}
 */
export function engineToStart() {
  return systemdRuns() ? { engine: "systemd", before: null } : { engine: "dockerd", before: traceNetwork() };
}

/**
 * Starts an engine at the default address.
 * @param {"dockerd" | "systemd"} engine
 * @param {{ keepsData: boolean }} options  the user's own projects live in the engine's usual data directory, the
 *   sample in one that is thrown away with it
 */
export async function startEngine(engine, { keepsData }) {
  if (engine === "systemd") {
    const run = spawnSync("systemctl", ["start", "docker.service"], { encoding: "utf8" });
    if (run.status !== 0) throw new Error(`systemctl start docker.service failed: ${run.stderr}`);
    await awaitEngine(() => true, "journalctl -u docker.service");
    return;
  }
  mkdirSync(directory, { recursive: true });
  const log = join(directory, "dockerd.log");
  const data = keepsData ? [] : ["--data-root", join(directory, "data")];
  const own = ["--exec-root", join(directory, "exec"), "-p", join(directory, "dockerd.pid")];
  startDetached("dockerd", ["-H", defaultHost, ...data, ...own], { log, record: records.engine });
  await awaitEngine(() => livePid(records.engine) !== null, log);
}

/**
 * Ends the engine that startEngine started, and what it left in the kernel.
 * @param {"dockerd" | "systemd"} engine
 * @param {NetworkTrace | null} before
 */
export async function stopEngine(engine, before) {
  if (engine === "systemd") {
    spawnSync("systemctl", ["stop", "docker.service", "docker.socket"]);
    return;
  }
  await endRecorded(records.engine, 60_000);
  for (const mount of mountsBelow(directory)) spawnSync("umount", ["-l", mount]);
  if (whatBlocksSocket() === null) rmSync(defaultSocket, { force: true });
  if (before !== null) restoreNetwork(before);
}

/**
 * @param {() => boolean} alive
 * @param {string} log
 */
async function awaitEngine(alive, log) {
  const engine = engineAt(defaultHost);
  const up = await until(async () => !alive() || (await engine.answers()), 60_000);
  if (!up || !alive()) {
    const tail = existsSync(log) ? readFileSync(log, "utf8").trim().split("\n").slice(-5).join("\n") : "";
    throw new Error(`the engine did not start; see ${log}\n${tail}`);
  }
}

/**
 * Deepest first.
 * @param {string} folder
 */
function mountsBelow(folder) {
  return readFileSync("/proc/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "")
    .filter((mount) => mount.startsWith(`${folder}/`))
    .reverse();
}
