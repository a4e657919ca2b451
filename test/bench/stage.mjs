// The bench's own engine and registry, in a network of their own, so that no other engine of the machine is touched
// and nothing else asks them.
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { engineAt } from "../../deploy/dev/lib/engine.mjs";
import { buildList } from "../../deploy/dev/lib/image.mjs";
import { packageCache } from "../../deploy/dev/lib/paths.mjs";
import { endRecorded, livePid, startDetached, until } from "../../deploy/dev/lib/process.mjs";
import { pushDocument, pushImage } from "../../deploy/dev/lib/push.mjs";
import { startRegistry } from "../../deploy/dev/lib/registry.mjs";
import { ownPlatform, sampleImage, unpackBusybox } from "../../deploy/dev/lib/sample.mjs";

export const registry = "127.0.0.1:5000";
export const image = `${registry}/bench/web:latest`;
export const address = "10.98.0.1";
export const ports = Array.from({ length: 10 }, (_, index) => 9100 + index);

/** @typedef {Awaited<ReturnType<typeof buildStage>>} Stage */

/**
 * Starts everything; `end` takes it all away again.
 * @param {string | null} notify  the webhook that the registry tells of pushes
 */
export async function buildStage(notify = null) {
  const directory = mkdtempSync(join(tmpdir(), "boardhand-bench-"));
  // Published ports are asked at an address of the machine, as a neighbour would, not through the loopback proxy.
  for (const command of [
    "link set lo up",
    "link add probe0 type bridge",
    `addr add ${address}/24 dev probe0`,
    "link set probe0 up",
  ]) {
    execFileSync("ip", command.split(" "));
  }
  await startRegistry(5000, join(directory, "registry"), notify);
  const socket = join(directory, "docker.sock");
  const host = `unix://${socket}`;
  const record = join(directory, "dockerd.json");
  mkdirSync(join(directory, "exec"));
  const folders = ["--data-root", join(directory, "data"), "--exec-root", join(directory, "exec")];
  const args = ["-H", host, ...folders, "-p", join(directory, "dockerd.pid")];
  startDetached("dockerd", args, { log: join(directory, "dockerd.log"), record });
  const engine = engineAt(host);
  const up = await until(async () => livePid(record) === null || (await engine.answers()), 60_000);
  if (!up || livePid(record) === null) throw new Error(`dockerd did not start; see ${directory}/dockerd.log`);
  const pid = livePid(record) ?? 0;
  return {
    directory,
    host,
    engine,
    /** CPU of the engine and its containerd so far, ms. */
    engineCpuMs: () => cpuOfTreeMs(pid),
    async end() {
      await removeAll(engine);
      await endRecorded(record, 60_000);
      await endRecorded(join(directory, "registry/registry.json"), 10_000);
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/**
 * @param {string} version
 * @param {string} repository
 */
export async function release(version, repository = "bench/web") {
  const busybox = unpackBusybox(packageCache);
  const built = sampleImage({ repository: "hello/web", version, platform: ownPlatform(), busybox });
  await pushImage(`http://${registry}`, repository, built);
  await pushDocument(`http://${registry}`, repository, "latest", buildList([built]));
}

/**
 * Removes every container, network and image of the bench's engine.
 * @param {import("../../deploy/dev/lib/engine.mjs").Engine} engine
 */
export async function removeAll(engine) {
  for (const { Id } of await engine.list("/containers/json?all=1"))
    await engine.remove(`/containers/${Id}?force=1`);
  for (const { Id, Name } of await engine.list("/networks")) {
    if (!["bridge", "host", "none"].includes(Name)) await engine.remove(`/networks/${Id}`);
  }
  for (const { Id } of await engine.list("/images/json")) await engine.remove(`/images/${Id}?force=1`);
}

/**
 * Starts the probe; the services need not be up yet.
 * @param {readonly number[]} asked  their ports
 */
export function startProbe(asked = ports) {
  const script = join(import.meta.dirname, "probe.mjs");
  const child = spawn(process.execPath, [script, address, "10", ...asked.map(String)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  /** @param {string} word @returns {Promise<any>} */
  const ask = (word) =>
    new Promise((resolve) => {
      let text = "";
      /** @param {Buffer} chunk */
      const take = (chunk) => {
        text += chunk;
        if (!text.endsWith("\n")) return;
        child.stdout.off("data", take);
        resolve(JSON.parse(text));
      };
      child.stdout.on("data", take);
      child.stdin.write(`${word}\n`);
    });
  return {
    /** Forgets what was seen so far, but not when each service answered last. */
    reset: () => ask("reset"),
    /** @returns {Promise<readonly { port: number, worstMs: number, answers: number, first: Record<string, number> }[]>} */
    read: () => ask("read"),
    end: () => child.kill("SIGTERM"),
  };
}

/**
 * User and system time of a process and of its children that still run, ms; short-lived helpers count once waited for.
 * @param {number} pid
 * @returns {number}
 */
export function cpuOfTreeMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  const own = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]) * 10, 0);
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
  const managed = children.filter((child) => child !== "" && nameOf(child) === "containerd");
  return own + managed.reduce((sum, child) => sum + cpuOfTreeMs(Number(child)), 0);
}

/** @param {string} pid */
function nameOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return "";
  }
}
