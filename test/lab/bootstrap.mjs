// Trees of Debian's packages, put together by mmdebstrap without running anything of them, so that a foreign one takes no
// emulation. Refuses what a mirror serves under a release's name and Debian has not signed as that release.
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
const timeoutMs = 15 * 60_000;

/**
 * Each release by its other name too. A mirror brings one after the other up to date, and the one it is at does not fit
 * what Debian signed, which apt refuses; the other is then whole, with the same signature.
 */
const otherName = { bookworm: "oldstable", trixie: "stable" };

/** Debian's words. @typedef {"amd64" | "arm64" | "armhf"} DebianArch */
/** @typedef {keyof typeof otherName} Release */

/**
 * @typedef {object} Bootstrap
 * @property {Release} release
 * @property {string} suite  the name that it is asked for by
 * @property {string} source  apt's line for it
 * @property {DebianArch} arch
 * @property {readonly string[]} packages
 * @property {readonly string[]} leftOut  paths of every package, as patterns
 * @property {readonly string[]} [hooks]  shell commands on what was unpacked, which is at $1
 * @property {readonly string[]} [skip]  mmdebstrap's steps
 * @property {string} target  a directory, or a tar to write
 */

/** mmdebstrap ran and would not. */
class NotMade extends Error {}

/**
 * Makes something of a release by the first of its names that the mirror has whole.
 * @template T
 * @param {Release} release
 * @param {(suite: string) => Promise<T>} make
 * @returns {Promise<T>}
 */
export async function underEitherName(release, make) {
  const refusals = [];
  for (const suite of [release, otherName[release]]) {
    try {
      return await make(suite);
    } catch (error) {
      if (!(error instanceof NotMade)) throw error;
      refusals.push(error.message);
    }
  }
  throw new Error(refusals.join("\n"));
}

/** @param {Bootstrap} input */
export async function bootstrap(input) {
  const { release, suite, source, arch, packages, leftOut, hooks = [], skip = [], target } = input;
  // What apt has verified says which release it is, whatever the mirror calls it.
  const isRelease = `grep -qx 'Codename: ${release}' "$1"/var/lib/apt/lists/*Release`;
  const checked = `${isRelease} || { echo "not ${release}" >&2; exit 1; }`;
  const args = [
    ...["--variant=extract", `--arch=${arch}`, "--mode=root", `--include=${packages.join(",")}`],
    ...leftOut.map((pattern) => `--dpkgopt=path-exclude=${pattern}`),
    ...[checked, ...hooks].map((command) => `--extract-hook=${command}`),
    ...skip.map((step) => `--skip=${step}`),
    ...[suite, target, source],
  ];
  // With the times of files cut at one moment, the same packages give nearly the same bytes.
  const env = { ...process.env, SOURCE_DATE_EPOCH: "1767225600", LC_ALL: "C.UTF-8" };
  try {
    await run("mmdebstrap", args, { env, maxBuffer: 1 << 26, timeout: timeoutMs });
  } catch (error) {
    const { code, message, stderr } = /** @type {import("node:child_process").ExecFileException} */ (error);
    if (code === "ENOENT") {
      const hint = "apt-get install -y --no-install-recommends mmdebstrap arch-test";
      throw new Error(`mmdebstrap did not start (${message}); ${hint}`);
    }
    throw new NotMade(`mmdebstrap for ${arch} of ${suite} failed:\n${(stderr ?? message).slice(-4000)}`);
  }
}
