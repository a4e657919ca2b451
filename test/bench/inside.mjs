// A network of the bench's own: what takes the machine's network (installing, downloading) is done before.
import { spawnSync } from "node:child_process";
import { ensureInstalled } from "../../deploy/dev/lib/debian.mjs";
import { engine } from "../../deploy/dev/lib/packages.mjs";
import { packageCache } from "../../deploy/dev/lib/paths.mjs";
import { unpackBusybox } from "../../deploy/dev/lib/sample.mjs";

/**
 * Runs the script again with the argument `inside`.
 * @param {string} script
 * @param {readonly import("../../deploy/dev/lib/packages.mjs").Program[]} more  what it needs besides engine and registry
 * @returns {number} the exit status
 */
export function runInside(script, more = []) {
  ensureInstalled([...engine, "docker-registry", ...more], "the bench");
  unpackBusybox(packageCache);
  return (
    spawnSync("unshare", ["--net", process.execPath, script, "inside"], { stdio: "inherit" }).status ?? 1
  );
}
