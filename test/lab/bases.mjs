// Base images from Debian's packages, for machines that reach no registry: one layer each, put together without running
// anything of it, so that an ARM one takes no emulation. Kept under .cache/lab; as a program it prints where.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
} from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { createGzip } from "node:zlib";
import { debianSource } from "../../deploy/dev/lib/debian.mjs";
import { root } from "../../deploy/dev/lib/paths.mjs";

const suite = "trixie";
const cache = join(root, ".cache/lab");
const releaseTimeoutMs = 10_000;

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
  'cd "$1" && mkdir -p mnt opt srv usr/local/bin usr/local/sbin usr/local/lib usr/local/share',
  'cp "$1/usr/share/base-passwd/passwd.master" "$1/etc/passwd"',
  'cp "$1/usr/share/base-passwd/group.master" "$1/etc/group"',
  'rm -rf "$1/etc/resolv.conf" "$1/etc/hostname" "$1/etc/apt/sources.list"',
  'cat "$1"/usr/share/ca-certificates/mozilla/*.crt > "$1/etc/ssl/certs/ca-certificates.crt" 2>/dev/null || true',
];

/** @typedef {"node" | "c"} BaseName */
/** Debian's word. @typedef {"amd64" | "arm64" | "armhf"} DebianArch */

/**
 * @typedef {object} BaseLayer
 * @property {string} file  absolute path of the layer, a tar.gz
 * @property {string} digest  of the file
 * @property {string} diffId  of the tar inside
 * @property {number} bytes  of the tar inside
 */

/**
 * Makes the layer, or takes the one that was made of the same packages before. An entry is complete once it has its
 * name, and is made anew when its bytes are not what was written down.
 * @param {BaseName} name
 * @param {DebianArch} arch
 * @returns {Promise<BaseLayer>}
 */
export async function baseLayer(name, arch) {
  const recipe = hashOf(JSON.stringify([suite, packagesOf[name], leftOut, finish]));
  const prefix = `base-${name}-${arch}-`;
  const kept = existsSync(cache) ? readdirSync(cache).filter((entry) => entry.startsWith(prefix)) : [];
  const release = await releaseOfSuite();
  // With no word of Debian's, an older one of the same recipe is the best there is.
  const wanted = kept.filter((entry) => entry.startsWith(`${prefix}${recipe}-${release ?? ""}`));
  for (const entry of wanted) {
    const layer = await readEntry(join(cache, entry));
    if (layer !== null) return layer;
  }
  const directory = join(cache, `${prefix}${recipe}-${release ?? "unknown"}`);
  await makeEntry(name, arch, directory);
  for (const entry of kept.filter((entry) => join(cache, entry) !== directory)) {
    await rm(join(cache, entry), { recursive: true, force: true });
  }
  const layer = await readEntry(directory);
  if (layer === null) throw new Error(`${directory} is not what was written to it a moment ago`);
  return layer;
}

/** The suite's own table of contents changes with every package in it. @returns {Promise<string | null>} */
async function releaseOfSuite() {
  const uri = /\s(https?:\S+)\s/.exec(debianSource(suite))?.[1];
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
 * @param {string} directory
 * @returns {Promise<BaseLayer | null>} null for one that is damaged
 */
async function readEntry(directory) {
  try {
    /** @type {Omit<BaseLayer, "file">} */
    const written = JSON.parse(await readFile(join(directory, "layer.json"), "utf8"));
    const file = join(directory, "layer.tar.gz");
    const hash = createHash("sha256");
    await pipeline(createReadStream(file), hash);
    return `sha256:${hash.digest("hex")}` === written.digest ? { file, ...written } : null;
  } catch {
    return null;
  }
}

/**
 * @param {BaseName} name
 * @param {DebianArch} arch
 * @param {string} directory
 */
async function makeEntry(name, arch, directory) {
  mkdirSync(cache, { recursive: true });
  await removeAbandoned();
  const work = mkdtempSync(join(cache, `making-${process.pid}-`));
  try {
    const archive = join(work, "layer.tar");
    bootstrap(packagesOf[name], arch, archive);
    const { diffId, bytes, digest } = await compress(archive, join(work, "layer.tar.gz"));
    await rm(archive);
    await writeFile(join(work, "layer.json"), JSON.stringify({ digest, diffId, bytes }));
    await rm(directory, { recursive: true, force: true });
    // Another run of tests may have made the same one meanwhile, which is as good.
    await rename(work, directory).catch((error) => {
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** What a killed run was making. */
async function removeAbandoned() {
  for (const entry of readdirSync(cache)) {
    const pid = /^making-(\d+)-/.exec(entry)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) await rm(join(cache, entry), { recursive: true });
  }
}

/**
 * @param {readonly string[]} packages
 * @param {DebianArch} arch
 * @param {string} archive
 */
function bootstrap(packages, arch, archive) {
  const args = [
    ...["--variant=extract", `--arch=${arch}`, "--mode=root", `--include=${packages.join(",")}`],
    ...leftOut.map((pattern) => `--dpkgopt=path-exclude=${pattern}`),
    ...finish.map((command) => `--extract-hook=${command}`),
    // Device files are the engine's to make.
    ...["--skip=output/dev", suite, archive, debianSource(suite)],
  ];
  // With the times of files cut at one moment, the same packages give nearly the same bytes.
  const env = { ...process.env, SOURCE_DATE_EPOCH: "1767225600", LC_ALL: "C.UTF-8" };
  const run = spawnSync("mmdebstrap", args, { env, encoding: "utf8", maxBuffer: 1 << 26 });
  if (run.error !== undefined) {
    const hint = "apt-get install -y --no-install-recommends mmdebstrap arch-test";
    throw new Error(`mmdebstrap did not start (${run.error.message}); ${hint}`);
  }
  if (run.status !== 0) throw new Error(`mmdebstrap for ${arch} failed:\n${run.stderr.slice(-4000)}`);
}

/**
 * @param {string} archive
 * @param {string} packed
 */
async function compress(archive, packed) {
  const [plain, zipped] = [createHash("sha256"), createHash("sha256")];
  const count = { bytes: 0 };
  await pipeline(
    createReadStream(archive, { highWaterMark: 1 << 20 }),
    async function* (chunks) {
      for await (const chunk of chunks) {
        plain.update(chunk);
        count.bytes += chunk.length;
        yield chunk;
      }
    },
    createGzip({ level: 6 }),
    async function* (chunks) {
      for await (const chunk of chunks) {
        zipped.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(packed),
  );
  return {
    diffId: `sha256:${plain.digest("hex")}`,
    digest: `sha256:${zipped.digest("hex")}`,
    bytes: count.bytes,
  };
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
