// `make image` and `make run-image`: the image of one architecture at the desk, built by the pipeline's own stages and run
// under emulation where it is for another processor. What is missing is installed or started as `make run` does it.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dump, load } from "js-yaml";
import { debianArchitecture, ensureInstalled } from "./lib/debian.mjs";
import { defaultHost, engineToStart, startEngine } from "./lib/dockerd.mjs";
import { engineAt } from "./lib/engine.mjs";
import { debootstrap, emulation, engine } from "./lib/packages.mjs";
import { giveUp, recall, remember, root, runDirectory } from "./lib/paths.mjs";

/** @typedef {"amd64" | "arm64" | "armhf"} DebianArch */
/** @typedef {{ arch: string, platform: string, build_args?: Record<string, string> }} Row */
/** @typedef {{ image: string, matrix: Row[] }} Pipeline */

/** Debian's words for the platforms of the matrix. @type {Readonly<Record<string, DebianArch>>} */
const debianWords = { "linux/amd64": "amd64", "linux/arm64": "arm64", "linux/arm/v7": "armhf" };

const file = join(root, "config/pipeline.yml");
const pipeline = /** @type {Pipeline} */ (load(readFileSync(file, "utf8")));
const row = rowOf(process.env.ARCH || hostArch());
const tag = `${pipeline.image}:${row.arch}`;
const host = process.env.DOCKER_HOST || defaultHost;

try {
  await prepare();
  process.exitCode = process.argv[2] === "run" ? runImage() : buildImage();
} catch (error) {
  giveUp(error instanceof Error ? error.message : String(error), 1);
}

/** @returns {string} the row's word for this machine's processor */
function hostArch() {
  return pipeline.matrix.find(({ platform }) => debianWords[platform] === debianArchitecture())?.arch ?? "";
}

/**
 * @param {string} arch
 * @returns {Row}
 */
function rowOf(arch) {
  const found = pipeline.matrix.find((one) => one.arch === arch);
  const words = pipeline.matrix.map((one) => one.arch).join(", ");
  return found ?? giveUp(`ARCH=${arch} is not in config/pipeline.yml; there are ${words}`, 2);
}

async function prepare() {
  const answers = await engineAt(host).answers();
  /** @type {import("./lib/packages.mjs").Program[]} */
  const needs = ["docker"];
  if (!answers && host === defaultHost) {
    needs.push(...engine);
  }
  // Once installed, the machine registers it at every start.
  if (debianWords[row.platform] !== debianArchitecture()) {
    needs.push(...emulation);
  }
  if (process.env.BASE === "packages") needs.push(...debootstrap);
  ensureInstalled(needs, "images");
  if (answers) return;
  if (host !== defaultHost) giveUp(`No engine answers at DOCKER_HOST=${host}`, 1);
  const toStart = engineToStart();
  const known = recall();
  const nothing = { host, projects: null, port: 8080, registryPort: 5000, ownRegistry: false, pushed: [] };
  // Remembered first, so that `make stop` can end it whatever comes between.
  remember({ ...(known ?? nothing), ...toStart, before: known?.before ?? toStart.before });
  await startEngine(toStart.engine, { keepsData: (known?.projects ?? null) !== null });
  console.log(`  engine    started, at ${defaultHost}; make stop ends it, and the images in it go with it`);
}

function buildImage() {
  const from = process.env.BASE === "packages" ? packagesPipeline() : file;
  const words = ["build", "emulators", "image", "smoke", "--file", from, "--arch", row.arch];
  return ended(process.execPath, [join(root, "dist/main.js"), ...words]);
}

/**
 * The same pipeline on a base of Debian's packages alone, for a desk that reaches no registry.
 * @returns {string} its file
 */
function packagesPipeline() {
  const base = `boardhand-base:${row.arch}`;
  const args = [join(root, "test/lab/bases.mjs"), "node", debianWords[row.platform] ?? ""];
  const made = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (made.status !== 0) throw new Error(`the base image could not be made:\n${made.stderr}`);
  const layer = JSON.parse(made.stdout).file;
  const context = spawnSync(
    "tar",
    ["-C", join(layer, ".."), "-cf", "-", "layer.tar.gz", "-C", writeAdd(), "."],
    {
      maxBuffer: 1 << 29,
    },
  );
  const build = ["-H", host, "build", "--quiet", "--platform", row.platform, "--tag", base, "-"];
  const built = spawnSync("docker", build, { input: context.stdout, encoding: "utf8", env: classicEnv() });
  if (built.status !== 0) throw new Error(`the base image could not be taken in:\n${built.stderr}`);
  const matrix = pipeline.matrix.map((one) =>
    one.arch === row.arch ? { ...one, build_args: { ...one.build_args, BASE_IMAGE: base } } : one,
  );
  const written = join(runDirectory, "pipeline.yml");
  writeFileSync(written, dump({ ...pipeline, matrix }));
  return written;
}

/** @returns {string} a directory with the Dockerfile that takes the layer in */
function writeAdd() {
  const directory = join(runDirectory, "base");
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "Dockerfile"), "FROM scratch\nADD layer.tar.gz /\n");
  return directory;
}

/** A client without buildx has the classic builder alone, and says at length that it is old. */
function classicEnv() {
  return { ...process.env, DOCKER_BUILDKIT: "0" };
}

/** Without COMMAND its version and what its doctor says of this engine. */
function runImage() {
  const command = process.env.COMMAND || "";
  const socket = host.replace(/^unix:\/\//, "");
  const mounts = existsSync(socket) ? ["--volume", `${socket}:/var/run/docker.sock`] : [];
  const words = ["-H", host, "run", "--rm", "--platform", row.platform, ...mounts];
  const terminal = process.stdin.isTTY ? ["--interactive", "--tty"] : [];
  if (command === "sh") return ended("docker", [...words, ...terminal, "--entrypoint", "sh", tag]);
  if (command === "run") {
    const port = process.env.PORT || "8080";
    console.log(`  page      http://localhost:${port}; Ctrl-C ends it`);
    return ended("docker", [...words, ...terminal, "--publish", `${port}:8080`, tag, "run"]);
  }
  if (command !== "") return ended("docker", [...words, ...terminal, tag, ...command.split(/\s+/)]);
  const status = ended("docker", [...words, tag, "--version"]);
  return status === 0 ? ended("docker", [...words, tag, "doctor"]) : status;
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @returns {number} its status
 */
function ended(program, args) {
  const run = spawnSync(program, args, {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, DOCKER_HOST: host },
  });
  return run.status ?? 1;
}
