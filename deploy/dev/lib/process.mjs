// Starts, remembers and ends background processes. A process is remembered by pid *and* start time, so that a
// reused pid is never mistaken for ours and never signalled.
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** @typedef {{ pid: number, startTime: string }} ProcessRecord */

/**
 * Starts a process that outlives this one, its output in a log file.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ log: string, record: string, env?: NodeJS.ProcessEnv }} options
 */
export function startDetached(command, args, { log, record, env = process.env }) {
  mkdirSync(dirname(log), { recursive: true });
  const output = openSync(log, "a");
  const child = spawn(command, args, { detached: true, stdio: ["ignore", output, output], env });
  closeSync(output);
  child.on("error", () => {});
  child.unref();
  if (child.pid === undefined) throw new Error(`${command} could not be started`);
  writeRecord(record, child.pid);
}

/**
 * @param {string} file
 * @param {number} pid
 */
export function writeRecord(file, pid) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ pid, startTime: startTimeOf(pid) }));
}

/**
 * The pid remembered in the file, if that very process still runs.
 * @param {string} file
 * @returns {number | null}
 */
export function livePid(file) {
  try {
    /** @type {ProcessRecord} */
    const { pid, startTime } = JSON.parse(readFileSync(file, "utf8"));
    return startTimeOf(pid) === startTime && startTime !== "" ? pid : null;
  } catch {
    return null;
  }
}

/**
 * Ends the process remembered in the file: SIGTERM, and SIGKILL when it takes longer than `graceMs`.
 * @param {string} file
 * @param {number} graceMs
 * @returns {Promise<boolean>} whether there was one
 */
export async function endRecorded(file, graceMs) {
  const pid = livePid(file);
  if (pid !== null) {
    process.kill(pid, "SIGTERM");
    if (!(await until(() => livePid(file) === null, graceMs))) {
      process.kill(pid, "SIGKILL");
      await until(() => livePid(file) === null, 10_000);
    }
  }
  rmSync(file, { force: true });
  return pid !== null;
}

/**
 * Waits until the condition holds; false when it did not within `timeoutMs`.
 * @param {() => boolean | Promise<boolean>} condition
 * @param {number} timeoutMs
 */
export async function until(condition, timeoutMs) {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) return false;
    await sleep(100);
  }
  return true;
}

/**
 * Field 22 of /proc/PID/stat; empty for a process that is gone or a zombie.
 * @param {number} pid
 */
function startTimeOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return fields[0] === "Z" ? "" : (fields[19] ?? "");
  } catch {
    return "";
  }
}
