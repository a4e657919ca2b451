// The engine of Debian sid, downloaded once and kept beside the other packages; containerd and runc are the machine's.
// Where sid's does not run here, trixie's stands in, and stderr says so. As a program it prints the way to dockerd.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { debianArchitecture, unpackForeign } from "../../deploy/dev/lib/debian.mjs";
import { packageCache } from "../../deploy/dev/lib/paths.mjs";

const suites = ["sid", "trixie"];

/** @returns {string} the dockerd binary; `BOARDHAND_TEST_ENGINE` names another one */
export function currentEngine() {
  const given = process.env.BOARDHAND_TEST_ENGINE;
  if (given) return given;
  for (const suite of suites) {
    try {
      return unpackedEngine(suite);
    } catch (error) {
      console.error(`No engine of Debian ${suite} on this machine: ${error}`);
    }
  }
  throw new Error(`no engine of Debian ${suites.join(" or ")} runs on this machine`);
}

/**
 * A newer suite's program may want a newer C library than this machine has: that shows when it is run.
 * @param {string} suite
 */
function unpackedEngine(suite) {
  const directory = join(packageCache, `engine-${suite}`);
  unpackForeign({ suite, architecture: debianArchitecture(), packages: ["docker.io"], directory });
  const binary = join(directory, "usr/sbin/dockerd");
  const tried = spawnSync(binary, ["--version"], { encoding: "utf8" });
  if (tried.status !== 0) throw new Error(tried.stderr || String(tried.error));
  return binary;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(currentEngine());
