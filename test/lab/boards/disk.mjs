// Makes the disk, the kernel and the initramfs of a board from Debian's packages, without running anything of them: no
// emulation, a minute. Kept under .cache/lab by what they are made of; as a program it makes those that are named.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { chmod, copyFile, cp, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { debianSource, ensureInstalled } from "../../../deploy/dev/lib/debian.mjs";
import { root } from "../../../deploy/dev/lib/paths.mjs";
import { bootstrap, underEitherName } from "../bootstrap.mjs";
import { makeFolder } from "../folders.mjs";
import { boardNeeds, boards, kernels, kindsOf } from "./kinds.mjs";

/** @typedef {import("./kinds.mjs").BoardKind} BoardKind */
/** @typedef {import("./kinds.mjs").BoardArch} BoardArch */
/** Absolute paths. @typedef {{ disk: string, kernel: string, initramfs: string }} BoardDisk */

const run = promisify(execFile);
const release = "bookworm";
const cache = join(root, ".cache/lab");
const files = join(import.meta.dirname, "files");
/** What the disk seems to be; the file behind it is as large as what is written. */
const diskSize = "6G";
const limits = { maxBuffer: 1 << 26, timeout: 15 * 60_000 };

/** The shell that a Debian has, and the engine. */
const userland = [
  ...[
    "base-files",
    "base-passwd",
    "bash",
    "dash",
    "coreutils",
    "findutils",
    "grep",
    "gzip",
    "hostname",
    "mawk",
  ],
  ...["mount", "procps", "sed", "tar", "util-linux", "busybox-static", "ca-certificates", "curl", "wget"],
  ...["kmod", "iproute2", "iptables", "containerd", "runc", "docker.io"],
];

const leftOut = [
  ...[
    "/usr/share/doc/*",
    "/usr/share/man/*",
    "/usr/share/info/*",
    "/usr/share/locale/*",
    "/usr/lib/linux-image-*",
  ],
  ...["gpu", "media", "staging", "infiniband", "usb", "scsi", "iio", "net/ethernet", "net/wireless"].map(
    (folder) => `/lib/modules/*/kernel/drivers/${folder}/*`,
  ),
  "/lib/modules/*/kernel/sound/*",
];

/** Where the files beside this one go; those that run are told by their first line. */
const placed = /** @type {const} */ ({
  inittab: "etc/inittab",
  "daemon.json": "etc/docker/daemon.json",
  "start.sh": "usr/local/lib/board/start",
  "engine.sh": "usr/local/lib/board/engine",
  "exec.cgi": "usr/local/lib/board/www/cgi-bin/exec",
});

/** What the packages' own scripts would have made. @type {Readonly<Record<string, string>>} */
const links = {
  "sbin/init": "/bin/busybox",
  // Or what the engine notes of running containers would outlive a power cut.
  "var/run": "/run",
  "bin/sh": "dash",
  "usr/bin/awk": "mawk",
  "usr/sbin/iptables": "xtables-nft-multi",
  "usr/sbin/ip6tables": "xtables-nft-multi",
  "usr/sbin/iptables-save": "xtables-nft-multi",
  "usr/sbin/iptables-restore": "xtables-nft-multi",
};

/** Needed before there is a disk; the rest is on it. */
const early = ["virtio_mmio", "virtio_pci", "virtio_blk", "ext4"];

/**
 * Makes the disk of a kind, or takes the one that was made by the same recipe before. It is never written to: a board
 * runs on an overlay of its own.
 * @param {BoardKind} kind
 * @param {(line: string) => void} [say]
 * @returns {Promise<BoardDisk>}
 */
export async function boardDisk(kind, say = () => {}) {
  const prefix = `board-${kind}-`;
  const directory = join(cache, `${prefix}${recipe(kind)}`);
  if (!existsSync(directory)) {
    say(`making the disk of ${kind} from Debian's packages`);
    await makeFolder(directory, (work) => make(kind, work));
    for (const entry of readdirSync(cache).filter((name) => new RegExp(`^${prefix}[0-9a-f]+$`).test(name))) {
      if (join(cache, entry) !== directory) await rm(join(cache, entry), { recursive: true, force: true });
    }
  }
  return {
    disk: join(directory, "disk.img"),
    kernel: join(directory, "vmlinuz"),
    initramfs: join(directory, "initramfs.gz"),
  };
}

/** @param {BoardKind} kind */
function recipe(kind) {
  const parts = [release, diskSize, userland, leftOut, placed, links, early, boards[kind], kernels];
  const hash = createHash("sha256").update(JSON.stringify(parts));
  hash.update(readFileSync(fileURLToPath(import.meta.url)));
  for (const name of readdirSync(files).sort()) hash.update(readFileSync(join(files, name)));
  return hash.digest("hex").slice(0, 12);
}

/**
 * @param {BoardKind} kind
 * @param {string} work  an empty directory
 */
async function make(kind, work) {
  const board = boards[kind];
  const tree = join(work, "tree");
  const kernelPackage = kernels[board.kernel].package;
  const same = board.kernel === board.userland;
  const kernelTree = same ? tree : join(work, "kernel");
  await extract(board.userland, same ? [...userland, kernelPackage] : userland, tree);
  if (!same) {
    await extract(board.kernel, [kernelPackage], kernelTree);
    await cp(join(kernelTree, "lib/modules"), join(tree, "lib/modules"), { recursive: true });
  }
  const [version] = readdirSync(join(tree, "lib/modules"));
  if (version === undefined) throw new Error(`${kernelPackage} brought no modules`);
  await copyFile(join(kernelTree, `boot/vmlinuz-${version}`), join(work, "vmlinuz"));
  await run("depmod", ["-b", tree, version], limits);
  await furnish(kind, tree);
  await packInitramfs(tree, version, work);
  await rm(join(tree, "boot"), { recursive: true, force: true });
  // The journal stays: switching a board off is what it is for.
  const options = ["-q", "-F", "-E", "lazy_itable_init=1", "-d", tree, join(work, "disk.img"), diskSize];
  await run("mkfs.ext4", options, limits);
  await rm(tree, { recursive: true });
  if (!same) await rm(kernelTree, { recursive: true });
}

/**
 * @param {BoardArch} arch
 * @param {readonly string[]} packages
 * @param {string} directory
 */
async function extract(arch, packages, directory) {
  await underEitherName(release, async (suite) => {
    await rm(directory, { recursive: true, force: true });
    const source = debianSource(suite);
    await bootstrap({ release, suite, source, arch, packages, leftOut, target: directory });
  });
}

/**
 * What makes a tree of packages a board.
 * @param {BoardKind} kind
 * @param {string} tree
 */
async function furnish(kind, tree) {
  const masters = join(tree, "usr/share/base-passwd");
  await copyFile(join(masters, "passwd.master"), join(tree, "etc/passwd"));
  await writeFile(
    join(tree, "etc/group"),
    `${readFileSync(join(masters, "group.master"), "utf8")}docker:x:990:\n`,
  );
  await writeFile(join(tree, "etc/hostname"), `${kind}\n`);
  await writeFile(join(tree, "etc/hosts"), `127.0.0.1 localhost ${kind}\n`);
  await writeFile(join(tree, "etc/resolv.conf"), "nameserver 10.0.2.3\n");
  const bundle = "cat usr/share/ca-certificates/mozilla/*.crt > etc/ssl/certs/ca-certificates.crt";
  await run("sh", ["-c", `mkdir -p etc/ssl/certs srv root && ${bundle}`], { ...limits, cwd: tree });
  for (const [from, to] of Object.entries(placed)) {
    await mkdir(dirname(join(tree, to)), { recursive: true });
    await copyFile(join(files, from), join(tree, to));
    await chmod(join(tree, to), readFileSync(join(files, from), "utf8").startsWith("#!") ? 0o755 : 0o644);
  }
  for (const [name, target] of Object.entries(links)) {
    await rm(join(tree, name), { force: true, recursive: true });
    await symlink(target, join(tree, name));
  }
}

/**
 * @param {string} tree
 * @param {string} version  of the kernel
 * @param {string} work
 */
async function packInitramfs(tree, version, work) {
  const small = join(work, "initramfs");
  for (const folder of ["bin", "dev", "proc", "root", "modules.d"]) {
    await mkdir(join(small, folder), { recursive: true });
  }
  await copyFile(join(tree, "bin/busybox"), join(small, "bin/busybox"));
  await copyFile(join(files, "initramfs.sh"), join(small, "init"));
  await chmod(join(small, "init"), 0o755);
  const shown = await run("modprobe", ["-d", tree, "-S", version, "--show-depends", "-a", ...early], limits);
  const modules = [...shown.stdout.matchAll(/^insmod (\S+\.ko\S*)/gm)].map(([, path]) => path ?? "");
  const names = [];
  for (const path of new Set(modules)) {
    const name = `/modules.d/${path.slice(path.lastIndexOf("/") + 1)}`;
    await copyFile(path, join(small, name));
    names.push(name);
  }
  await writeFile(join(small, "modules"), `${names.join("\n")}\n`);
  const pack = "find . | cpio --quiet -o -H newc | gzip -1 > ../initramfs.gz";
  await run("sh", ["-c", pack], { ...limits, cwd: small });
  await rm(small, { recursive: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  ensureInstalled(boardNeeds, "virtual boards");
  for (const kind of kindsOf(process.argv.slice(2).join(","))) {
    console.log(JSON.stringify({ kind, ...(await boardDisk(kind, (line) => console.error(line))) }));
  }
}
