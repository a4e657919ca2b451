// Base images from Debian's packages, for machines that reach no registry: one layer each, put together without running
// anything of it, so that an ARM one takes no emulation. Kept under .cache/lab; as a program it prints where.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { debianSource } from "../../deploy/dev/lib/debian.mjs";
import { root } from "../../deploy/dev/lib/paths.mjs";
import { makeLayer, readLayer } from "./layers.mjs";

const codename = "trixie";
/**
 * One release by both of its names. A mirror brings one after the other up to date, and the one it is at does not fit what
 * Debian signed, which apt refuses; the other is then whole, with the same signature.
 */
const suites = [codename, "stable"];
const releaseTimeoutMs = 10_000;
const run = promisify(execFile);

/** What debian:trixie-slim has and a Dockerfile's RUN lines use. */
const shell = ["base-files", "base-passwd", "bash", "coreutils", "dash", "grep", "sed"];

/** @type {Readonly<Record<BaseName, readonly string[]>>} */
const packagesOf = {
  node: [...shell, "ca-certificates", "nodejs"],
  c: [...shell, "gcc", "libc6-dev", "make"],
};

/** Left out of every package, as the slim images do. */
const leftOut = ["/usr/share/doc/*", "/usr/share/man/*", "/usr/share/info/*", "/usr/share/locale/*"];

/**
 * What the packages' own scripts would have made, and what the machine's own state would otherwise leave in it.
 */
const finish = [
  `grep -qx VERSION_CODENAME=${codename} "$1/usr/lib/os-release" || { echo "not ${codename}" >&2; exit 1; }`,
  'cd "$1" && mkdir -p mnt opt srv usr/local/bin usr/local/sbin usr/local/lib usr/local/share',
  'cp "$1/usr/share/base-passwd/passwd.master" "$1/etc/passwd"',
  'cp "$1/usr/share/base-passwd/group.master" "$1/etc/group"',
  'rm -rf "$1/etc/resolv.conf" "$1/etc/hostname" "$1/etc/apt/sources.list"',
  'cat "$1"/usr/share/ca-certificates/mozilla/*.crt > "$1/etc/ssl/certs/ca-certificates.crt" 2>/dev/null || true',
];

/** @typedef {import("./layers.mjs").KeptLayer} KeptLayer */
/** @typedef {"node" | "c"} BaseName */
/**
 * @typedef {object} Lab
 * @property {string} cache  where layers are kept
 * @property {(suite: string) => string} sourceOf  apt's line for a suite
 */
/** Debian's word. @typedef {"amd64" | "arm64" | "armhf"} DebianArch */

/**
 * Makes the layer of the first of the release's names that the mirror has whole, or takes the one that was made of the
 * same packages before.
 * @param {BaseName} name
 * @param {DebianArch} arch
 * @param {Lab} [lab]
 * @returns {Promise<KeptLayer>}
 */
export async function baseLayer(
  name,
  arch,
  lab = { cache: join(root, ".cache/lab"), sourceOf: debianSource },
) {
  const refusals = [];
  for (const suite of suites) {
    try {
      return await layerOf(suite, name, arch, lab);
    } catch (error) {
      if (!(error instanceof NotMade)) throw error;
      refusals.push(error.message);
    }
  }
  throw new Error(refusals.join("\n"));
}

/** mmdebstrap ran and would not. */
class NotMade extends Error {}

/**
 * An entry is complete once it has its name, and is made anew when its bytes are not what was written down.
 * @param {string} suite
 * @param {BaseName} name
 * @param {DebianArch} arch
 * @param {Lab} lab
 * @returns {Promise<KeptLayer>}
 */
async function layerOf(suite, name, arch, { cache, sourceOf }) {
  const recipe = hashOf(JSON.stringify([suites, packagesOf[name], leftOut, finish]));
  const prefix = `base-${name}-${arch}-`;
  const kept = existsSync(cache) ? readdirSync(cache).filter((entry) => entry.startsWith(prefix)) : [];
  const source = sourceOf(suite);
  const release = await releaseOf(suite, source);
  // With no word of Debian's, an older one of the same recipe is the best there is.
  const wanted = kept.filter((entry) => entry.startsWith(`${prefix}${recipe}-${release ?? ""}`));
  for (const entry of wanted) {
    const layer = await readLayer(join(cache, entry));
    if (layer !== null) return layer;
  }
  const directory = join(cache, `${prefix}${recipe}-${release ?? "unknown"}`);
  await makeLayer(directory, (archive) => bootstrap(packagesOf[name], arch, [suite, archive, source]));
  for (const entry of kept.filter((entry) => join(cache, entry) !== directory)) {
    await rm(join(cache, entry), { recursive: true, force: true });
  }
  const layer = await readLayer(directory);
  if (layer === null) throw new Error(`${directory} is not what was written to it a moment ago`);
  return layer;
}

/**
 * The suite's own table of contents changes with every package in it.
 * @param {string} suite
 * @param {string} source
 * @returns {Promise<string | null>}
 */
async function releaseOf(suite, source) {
  const uri = /\s(https?:\S+)\s/.exec(source)?.[1];
  if (uri === undefined) return null;
  try {
    const signal = AbortSignal.timeout(releaseTimeoutMs);
    const answer = await fetch(`${uri.replace(/\/$/, "")}/dists/${suite}/InRelease`, { signal });
    return answer.ok ? hashOf(await answer.text()) : null;
  } catch {
    return null;
  }
}

/**
 * @param {readonly string[]} packages
 * @param {DebianArch} arch
 * @param {readonly string[]} target  mmdebstrap's: the suite, the tar to write, the source
 */
async function bootstrap(packages, arch, target) {
  const args = [
    ...["--variant=extract", `--arch=${arch}`, "--mode=root", `--include=${packages.join(",")}`],
    ...leftOut.map((pattern) => `--dpkgopt=path-exclude=${pattern}`),
    ...finish.map((command) => `--extract-hook=${command}`),
    // Device files are the engine's to make.
    ...["--skip=output/dev", ...target],
  ];
  // With the times of files cut at one moment, the same packages give nearly the same bytes.
  const env = { ...process.env, SOURCE_DATE_EPOCH: "1767225600", LC_ALL: "C.UTF-8" };
  try {
    await run("mmdebstrap", args, { env, maxBuffer: 1 << 26 });
  } catch (error) {
    const { code, message, stderr } = /** @type {import("node:child_process").ExecFileException} */ (error);
    if (code === "ENOENT") {
      const hint = "apt-get install -y --no-install-recommends mmdebstrap arch-test";
      throw new Error(`mmdebstrap did not start (${message}); ${hint}`);
    }
    throw new NotMade(`mmdebstrap for ${arch} of ${target[0]} failed:\n${(stderr ?? message).slice(-4000)}`);
  }
}

/** @param {string} text */
function hashOf(text) {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [name = "", arch = ""] = process.argv.slice(2);
  if ((name !== "node" && name !== "c") || (arch !== "amd64" && arch !== "arm64" && arch !== "armhf")) {
    console.error("Usage: node test/lab/bases.mjs node|c amd64|arm64|armhf");
    process.exit(2);
  }
  console.log(JSON.stringify(await baseLayer(name, arch)));
}
