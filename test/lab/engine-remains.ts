// Takes away what an engine of the test lab leaves: processes, mounts, interfaces, cgroups, files. Only what carries the
// slot's own names is touched.
import { execFile } from "node:child_process";
import { readdir, readFile, rename, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import type { Slot } from "./engine.ts";

const run = promisify(execFile);
const KILL_TIMEOUT_MS = 10_000;

/** A process and when it started, so that a reused pid is not taken for it; empty when there is none. */
export async function processToken(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const started = text.slice(text.lastIndexOf(")") + 2).split(" ")[19];
  return started === undefined ? "" : `${pid} ${started}`;
}

/** Removes the slot's remains when the process that took it is gone. */
export async function sweepAbandoned(slot: Slot): Promise<void> {
  const owner = await readFile(join(slot.directory, "owner"), "utf8").catch(() => null);
  if (owner === null || owner === "") return;
  if ((await processToken(Number(owner.split(" ")[0]))) === owner) return;
  // Whoever moves the word away is the one who sweeps: another would sweep away what is started there next.
  const mine = await rename(join(slot.directory, "owner"), join(slot.directory, "sweeper")).then(
    () => true,
    () => false,
  );
  if (mine) await removeRemains(slot);
}

/** Kills what runs in the containers of this engine. */
export async function killCgroup(slot: Slot): Promise<void> {
  await killWhere(async (pid) => {
    const groups = await readFile(`/proc/${pid}/cgroup`, "utf8").catch(() => "");
    return groups.includes(`/${slot.cgroup}/`);
  });
}

/** Kills everything of the slot at once, and empties what a board keeps in memory: as when its power goes. */
export async function cutPower(slot: Slot): Promise<void> {
  await killDaemons(slot);
  for (const below of ["exec", "data/overlay2", "data/containers"])
    await unmountBelow(join(slot.directory, below));
  await rm(join(slot.directory, "exec"), { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  for (const file of ["docker.pid", "docker.sock", "containerd.sock"])
    await rm(join(slot.directory, file), { force: true });
}

export async function removeRemains(slot: Slot): Promise<void> {
  await killDaemons(slot);
  await unmountBelow(slot.directory);
  await removeInterfaces(slot);
  await removeCgroups(slot);
  await rm(slot.directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

/** dockerd, containerd, its shims and docker-proxies all name the slot's directory or bridge addresses in their arguments. */
async function killDaemons(slot: Slot): Promise<void> {
  const deadline = Date.now() + KILL_TIMEOUT_MS;
  for (;;) {
    const daemons = await killWhere(async (pid) => {
      const words = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).split("\0");
      const program = words[0]?.split("/").at(-1) ?? "";
      if (program === "docker-proxy") return words.some((word) => isAddressOf(slot, word));
      if (!["dockerd", "containerd", "containerd-shim-runc-v2", "runc"].includes(program)) return false;
      return words.some((word) => word.includes(`${slot.directory}/`));
    });
    await killCgroup(slot);
    if (daemons === 0 || Date.now() > deadline) return;
    await delay(50);
  }
}

function isAddressOf(slot: Slot, address: string): boolean {
  const [a, b, c] = address.split(".");
  if (a !== "10") return false;
  return b === "212" ? Number(c) === slot.number : b === "213" && Math.floor(Number(c) / 16) === slot.number;
}

async function killWhere(matches: (pid: number) => Promise<boolean>): Promise<number> {
  let killed = 0;
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid || !(await matches(Number(name)))) continue;
    killed += 1;
    try {
      process.kill(Number(name), "SIGKILL");
    } catch {
      killed -= 1;
    }
  }
  return killed;
}

async function unmountBelow(directory: string): Promise<void> {
  const mounts = await readFile("/proc/mounts", "utf8");
  const inside = mounts
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "")
    .filter((path) => path.startsWith(`${directory}/`))
    .reverse();
  for (const path of inside) await run("umount", ["--lazy", path]).catch(() => undefined);
}

interface Interface {
  readonly ifname: string;
  readonly addr_info?: readonly { readonly local?: string }[];
}

async function removeInterfaces(slot: Slot): Promise<void> {
  const { stdout } = await run("ip", ["-json", "addr"]);
  const interfaces = JSON.parse(stdout) as readonly Interface[];
  const own = interfaces.filter(
    (one) =>
      one.ifname === slot.bridge ||
      one.addr_info?.some((info) => isAddressOf(slot, info.local ?? "")) === true,
  );
  for (const one of own) await run("ip", ["link", "delete", one.ifname]).catch(() => undefined);
}

async function removeCgroups(slot: Slot): Promise<void> {
  const controllers = await readdir("/sys/fs/cgroup").catch(() => []);
  for (const root of ["/sys/fs/cgroup", ...controllers.map((name) => join("/sys/fs/cgroup", name))]) {
    await removeCgroup(join(root, slot.cgroup));
  }
}

async function removeCgroup(path: string): Promise<void> {
  const children = await readdir(path, { withFileTypes: true }).catch(() => []);
  for (const child of children) if (child.isDirectory()) await removeCgroup(join(path, child.name));
  await rmdir(path).catch(() => undefined);
}
