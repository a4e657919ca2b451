// Installs and downloads Debian packages from the machine's own sources, and says what it does before it does it.
// Never changes the machine's sources or architectures; foreign ones get an apt state of their own.
import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { packageOf } from "./packages.mjs";

const policyFile = "/usr/sbin/policy-rc.d";
const aptEnv = { ...process.env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C.UTF-8" };

/** The machine's architecture in Debian's words: amd64, arm64, armhf. */
export function debianArchitecture() {
  return execFileSync("dpkg", ["--print-architecture"], { encoding: "utf8" }).trim();
}

/** @param {string} command */
export function onPath(command) {
  const folders = [...(process.env.PATH ?? "").split(":"), "/usr/local/sbin", "/usr/sbin", "/sbin"];
  return folders.some((folder) => folder !== "" && existsSync(join(folder, command)));
}

/**
 * Installs the packages of those programs that are missing. With INSTALL=no it prints the command and ends with status 2.
 * @param {readonly import("./packages.mjs").Program[]} needs
 * @param {string} purpose  completes "… is needed for"
 * @returns {readonly string[]} the packages that were installed now
 */
export function ensureInstalled(needs, purpose) {
  const missing = [...new Set(needs.filter((name) => !onPath(name)).map((name) => packageOf[name]))];
  if (missing.length === 0) return [];
  const command = `apt-get install -y --no-install-recommends ${missing.join(" ")}`;
  if (process.env.INSTALL === "no" || process.getuid?.() !== 0) {
    const why = process.env.INSTALL === "no" ? "INSTALL=no was given" : "installing takes root";
    console.error(
      `Missing for ${purpose}: ${missing.join(", ")}. ${why}, so nothing was done. Run this, then try again:`,
    );
    console.error(`\n    ${process.getuid?.() === 0 ? "" : "sudo "}${command}\n`);
    process.exit(2);
  }
  console.log(`Installing from Debian's packages for ${purpose}: ${missing.join(", ")}`);
  withoutServiceStarts(() => install(missing));
  for (const name of missing) console.log(`  installed ${name}`);
  return missing;
}

/**
 * The first try uses the package lists as they are; only when that fails are they fetched anew.
 * @param {readonly string[]} packages
 */
function install(packages) {
  const args = ["-o", "DPkg::Lock::Timeout=300", "install", "-y", "--no-install-recommends", ...packages];
  if (spawnSync("apt-get", args, { env: aptEnv, encoding: "utf8", maxBuffer: 1 << 26 }).status === 0) return;
  console.log("  the package lists are missing or old: apt-get update");
  spawnSync("apt-get", ["update", "-q"], { env: aptEnv, encoding: "utf8" });
  const again = spawnSync("apt-get", args, { env: aptEnv, encoding: "utf8", maxBuffer: 1 << 26 });
  if (again.status === 0) return;
  const tail = `${again.stdout}\n${again.stderr}`.trim().split("\n").slice(-25).join("\n");
  throw new Error(`apt-get install ${packages.join(" ")} failed:\n${tail}`);
}

/**
 * Debian starts a service with its package: the registry's would take port 5000 of every address, and on a
 * machine without an init system the attempt can fail the installation. Both are started by us instead.
 * @param {() => void} work
 */
function withoutServiceStarts(work) {
  const ours = !existsSync(policyFile);
  if (ours) writeFileSync(policyFile, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    work();
  } finally {
    if (ours) rmSync(policyFile, { force: true });
  }
}

/**
 * Downloads and unpacks one package of the machine's own release and architecture, once.
 * @param {string} name
 * @param {string} directory  where it is unpacked
 */
export function unpackOwn(name, directory) {
  once(directory, (fresh) => {
    const download = () =>
      spawnSync("apt-get", ["-o", "APT::Sandbox::User=root", "download", name], {
        cwd: fresh,
        env: aptEnv,
        encoding: "utf8",
      });
    if (download().status !== 0) {
      spawnSync("apt-get", ["update", "-q"], { env: aptEnv, encoding: "utf8" });
      const again = download();
      if (again.status !== 0) throw new Error(`apt-get download ${name} failed:\n${again.stderr}`);
    }
    unpackAll(fresh, fresh);
  });
}

/**
 * Fills a directory that is there whole or not at all: several runs of tests may want it at the same time.
 * @param {string} directory
 * @param {(fresh: string) => void} fill
 */
function once(directory, fill) {
  if (existsSync(join(directory, ".complete"))) return;
  mkdirSync(dirname(directory), { recursive: true });
  const fresh = mkdtempSync(`${directory}.`);
  try {
    fill(fresh);
    writeFileSync(join(fresh, ".complete"), "");
    // What is left of an earlier form, which filled it in place.
    if (!existsSync(join(directory, ".complete"))) rmSync(directory, { recursive: true, force: true });
    renameSync(fresh, directory);
  } catch (error) {
    if (!existsSync(join(directory, ".complete"))) throw error;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/**
 * Downloads packages of another suite or architecture and unpacks them, once, through an apt state of its own.
 * @param {object} input
 * @param {string} input.suite  such as `sid`
 * @param {string} input.architecture  such as `arm64`
 * @param {readonly string[]} input.packages
 * @param {string} input.directory  where they are unpacked
 */
export function unpackForeign({ suite, architecture, packages, directory }) {
  once(directory, (fresh) => downloadForeign({ suite, architecture, packages, directory: fresh }));
}

/** @param {Parameters<typeof unpackForeign>[0]} input */
function downloadForeign({ suite, architecture, packages, directory }) {
  const state = join(directory, ".apt");
  for (const folder of ["lists/partial", "cache/archives/partial", "debs"]) {
    mkdirSync(join(state, folder), { recursive: true });
  }
  writeFileSync(join(state, "sources.list"), `${debianSource(suite)}\n`);
  writeFileSync(join(state, "status"), "");
  const conf = join(state, "apt.conf");
  writeFileSync(
    conf,
    [
      `Dir::State::lists "${state}/lists";`,
      `Dir::State::status "${state}/status";`,
      `Dir::Cache "${state}/cache";`,
      `Dir::Etc::sourcelist "${state}/sources.list";`,
      'Dir::Etc::sourceparts "-";',
      'APT::Sandbox::User "root";',
      'Acquire::Languages "none";',
      'Acquire::Retries "3";',
      `APT::Architecture "${architecture}";`,
      "#clear APT::Architectures;",
      `APT::Architectures { "${architecture}"; };`,
      "",
    ].join("\n"),
  );
  const env = { ...aptEnv, APT_CONFIG: conf };
  for (const args of [
    ["update", "-q"],
    ["download", ...packages],
  ]) {
    const run = spawnSync("apt-get", args, { cwd: join(state, "debs"), env, encoding: "utf8" });
    if (run.status !== 0)
      throw new Error(`apt-get ${args.join(" ")} (${suite}, ${architecture}) failed:\n${run.stderr}`);
  }
  unpackAll(join(state, "debs"), directory);
  rmSync(state, { recursive: true });
}

/**
 * A source line for a suite of Debian, on the mirror the machine itself uses.
 * @param {string} suite
 */
export function debianSource(suite) {
  const parts = "/etc/apt/sources.list.d";
  const files = [
    "/etc/apt/sources.list",
    ...(existsSync(parts) ? readdirSync(parts).map((name) => join(parts, name)) : []),
  ];
  for (const file of files.filter((name) => /\.(list|sources)$/.test(name) && existsSync(name))) {
    const text = readFileSync(file, "utf8");
    const uri =
      /^deb\s+(?:\[[^\]]*\]\s+)?(\S*\/debian\/?)\s/m.exec(text)?.[1] ??
      /^URIs:\s*(\S*\/debian\/?)\s*$/m.exec(text)?.[1];
    const key =
      /signed-by[=:]\s*(\/\S+?)[\s\]]/i.exec(text)?.[1] ?? "/usr/share/keyrings/debian-archive-keyring.gpg";
    if (uri !== undefined) return `deb [signed-by=${key}] ${uri} ${suite} main`;
  }
  throw new Error("no Debian mirror in /etc/apt/sources.list or /etc/apt/sources.list.d");
}

/**
 * @param {string} from
 * @param {string} directory
 */
function unpackAll(from, directory) {
  for (const name of readdirSync(from).filter((entry) => entry.endsWith(".deb"))) {
    execFileSync("dpkg", ["-x", join(from, name), directory]);
    rmSync(join(from, name));
  }
}
