// Base images from Debian's packages, for machines that reach no registry: one layer each, made without emulation. Kept
// under .cache/lab; as a program it prints where.
import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { debianSource } from "../../deploy/dev/lib/debian.mjs";
import { root } from "../../deploy/dev/lib/paths.mjs";
import { bootstrap, underEitherName } from "./bootstrap.mjs";
import { makeLayer, readLayer } from "./layers.mjs";

const release = "trixie";
const tableTimeoutMs = 10_000;

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

/** @typedef {import("./bootstrap.mjs").DebianArch} DebianArch */
/** @typedef {import("./layers.mjs").KeptLayer} KeptLayer */
/** @typedef {"node" | "c"} BaseName */
/**
 * @typedef {object} Lab
 * @property {string} cache  where layers are kept
 * @property {(suite: string) => string} sourceOf  apt's line for a suite
 */

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
  return await underEitherName(release, (suite) => layerOf(suite, name, arch, lab));
}

/**
 * An entry is complete once it has its name, and is made anew when its bytes are not what was written down.
 * @param {string} suite
 * @param {BaseName} name
 * @param {DebianArch} arch
 * @param {Lab} lab
 * @returns {Promise<KeptLayer>}
 */
async function layerOf(suite, name, arch, { cache, sourceOf }) {
  const recipe = hashOf(JSON.stringify([release, packagesOf[name], leftOut, finish]));
  const prefix = `base-${name}-${arch}-`;
  const kept = existsSync(cache) ? readdirSync(cache).filter((entry) => entry.startsWith(prefix)) : [];
  const source = sourceOf(suite);
  const contents = await contentsOf(suite, source);
  // With no word of Debian's, an older one of the same recipe is the best there is.
  const wanted = kept.filter((entry) => entry.startsWith(`${prefix}${recipe}-${contents ?? ""}`));
  for (const entry of wanted) {
    const layer = await readLayer(join(cache, entry));
    if (layer !== null) return layer;
  }
  const directory = join(cache, `${prefix}${recipe}-${contents ?? "unknown"}`);
  // One that is damaged.
  await rm(directory, { recursive: true, force: true });
  await makeLayer(directory, (target) =>
    bootstrap({
      ...{ release, suite, source, arch, packages: packagesOf[name], leftOut, hooks: finish, target },
      // Device files are the engine's to make.
      skip: ["output/dev"],
    }),
  );
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
async function contentsOf(suite, source) {
  const uri = /\s(https?:\S+)\s/.exec(source)?.[1];
  if (uri === undefined) return null;
  try {
    const signal = AbortSignal.timeout(tableTimeoutMs);
    const answer = await fetch(`${uri.replace(/\/$/, "")}/dists/${suite}/InRelease`, { signal });
    return answer.ok ? hashOf(await answer.text()) : null;
  } catch {
    return null;
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
