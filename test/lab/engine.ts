// Starts a real engine of the test's own beside whatever engine the machine has: own directories, bridge, address pool,
// containerd and cgroup, no firewall rules. What a killed run left behind is removed by the next one.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { get } from "node:http";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { cutPower, killCgroup, processToken, removeRemains, sweepAbandoned } from "./engine-remains.ts";

const run = promisify(execFile);
const START_TIMEOUT_MS = 180_000;
const STOP_TIMEOUT_MS = 30_000;
const SLOTS = 16;

export interface LabEngine {
  /** `unix://…`, for `docker.host` and `docker -H`. */
  readonly host: string;
  readonly socket: string;
  readonly dataRoot: string;
  /** Of dockerd; null while it is down. */
  readonly pid: number | null;
  /** Kills dockerd as a crash would; containers and directories stay. */
  crash(): Promise<void>;
  /** Ends dockerd as a reboot or an upgrade does; the machine's containerd runs on. */
  halt(): Promise<void>;
  /** Kills all daemons and containers at once, as when the power goes; `restart` is the next boot. */
  cutPower(): Promise<void>;
  /** Starts dockerd again after `crash` or `halt`; with other options where some are given: an upgrade. */
  restart(options?: LabEngineOptions): Promise<void>;
  /** Ends everything and leaves nothing behind. */
  stop(): Promise<void>;
}

export interface LabEngineOptions {
  /** More arguments for dockerd. */
  readonly arguments?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Another binary than the machine's dockerd. */
  readonly binary?: string;
  /** Content of daemon.json. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** A data root on a file system of its own, of this many MB in memory; counts when the engine is first started. */
  readonly dataRootMB?: number;
}

/** Where one engine lives; the number decides names and addresses. */
export interface Slot {
  readonly number: number;
  readonly directory: string;
  readonly bridge: string;
  readonly cgroup: string;
}

export function slotOf(number: number): Slot {
  return {
    number,
    directory: `/tmp/boardhand-lab-${number}`,
    bridge: `bhlab${number}`,
    cgroup: `boardhand-lab-${number}`,
  };
}

/** Starts one and waits until it answers; rejects with the end of its log when it does not. */
export async function startEngine(options: LabEngineOptions = {}): Promise<LabEngine> {
  const slot = await takeSlot();
  const socket = join(slot.directory, "docker.sock");
  let containerd: ChildProcess | null = null;
  let dockerd: ChildProcess | null = null;
  const start = async (given: LabEngineOptions = options): Promise<void> => {
    containerd ??= await startContainerd(slot);
    // Without one of its own, dockerd would read the machine's.
    await writeFile(join(slot.directory, "daemon.json"), JSON.stringify(given.settings ?? {}));
    dockerd = launch(given.binary ?? "dockerd", dockerdArguments(slot, given), slot, given.environment);
    await until(() => answers(socket), dockerd, slot, "dockerd");
  };
  const stop = async (): Promise<void> => {
    if (dockerd !== null) await end(dockerd, "SIGTERM", slot);
    if (containerd !== null) await end(containerd, "SIGTERM", slot);
    await removeRemains(slot);
  };
  try {
    await makeBridge(slot);
    if (options.dataRootMB !== undefined) await makeDataRoot(slot, options.dataRootMB);
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    host: `unix://${socket}`,
    socket,
    dataRoot: join(slot.directory, "data"),
    get pid() {
      return dockerd?.exitCode === null && dockerd.signalCode === null ? (dockerd.pid ?? null) : null;
    },
    async crash() {
      if (dockerd !== null) await end(dockerd, "SIGKILL", null);
    },
    async halt() {
      if (dockerd !== null) await end(dockerd, "SIGTERM", null);
    },
    async cutPower() {
      await cutPower(slot);
      containerd = null;
    },
    restart: start,
    stop,
  };
}

/** A directory is the lock: whoever makes it has the slot. */
async function takeSlot(): Promise<Slot> {
  for (let number = 0; number < SLOTS; number++) {
    const slot = slotOf(number);
    await sweepAbandoned(slot);
    try {
      await mkdir(slot.directory, { mode: 0o711 });
    } catch {
      continue;
    }
    await writeFile(join(slot.directory, "owner"), await processToken(process.pid));
    return slot;
  }
  throw new Error(`all ${SLOTS} engines of the test lab are in use`);
}

async function makeBridge(slot: Slot): Promise<void> {
  await run("ip", ["link", "add", slot.bridge, "type", "bridge"]);
  await run("ip", ["addr", "add", `10.212.${slot.number}.1/24`, "dev", slot.bridge]);
  await run("ip", ["link", "set", slot.bridge, "up"]);
}

async function makeDataRoot(slot: Slot, megabytes: number): Promise<void> {
  const path = join(slot.directory, "data");
  await mkdir(path);
  await run("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", path]);
}

/** Of its own, since dockerd would otherwise share the machine's containerd where one runs. */
async function writeConfig(slot: Slot): Promise<string> {
  const path = join(slot.directory, "containerd.toml");
  const lines = [
    "version = 2",
    `root = "${join(slot.directory, "containerd")}"`,
    `state = "${join(slot.directory, "exec/containerd")}"`,
    'disabled_plugins = ["io.containerd.grpc.v1.cri"]',
    "[grpc]",
    `address = "${join(slot.directory, "containerd.sock")}"`,
  ];
  await writeFile(path, `${lines.join("\n")}\n`);
  return path;
}

async function startContainerd(slot: Slot): Promise<ChildProcess> {
  const containerd = launch("containerd", ["--log-level", "warn", "--config", await writeConfig(slot)], slot);
  await until(() => exists(join(slot.directory, "containerd.sock")), containerd, slot, "containerd");
  return containerd;
}

function dockerdArguments(slot: Slot, options: LabEngineOptions): string[] {
  const at = (name: string) => join(slot.directory, name);
  return [
    ...["--host", `unix://${at("docker.sock")}`, "--config-file", at("daemon.json")],
    ...["--data-root", at("data"), "--exec-root", at("exec"), "--pidfile", at("docker.pid")],
    ...["--containerd", at("containerd.sock"), "--cgroup-parent", `/${slot.cgroup}`],
    ...["--bridge", slot.bridge, "--default-address-pool", `base=10.213.${slot.number * 16}.0/20,size=26`],
    // Another engine's rules would be flushed; published ports work through docker-proxy.
    ...["--iptables=false", "--ip-forward=false", "--ip-masq=false"],
    // A registry that containers are to reach listens on the bridge.
    ...["--insecure-registry", "10.212.0.0/16"],
    ...["--shutdown-timeout", "2", ...(options.arguments ?? [])],
  ];
}

function launch(
  binary: string,
  words: readonly string[],
  slot: Slot,
  environment: Readonly<Record<string, string>> = {},
): ChildProcess {
  const log = openSync(join(slot.directory, "log"), "a");
  const env = { PATH: `${process.env.PATH ?? ""}:/usr/sbin:/sbin`, ...environment };
  const child = spawn(binary, words, { stdio: ["ignore", log, log], env });
  closeSync(log);
  child.once("error", () => undefined);
  return child;
}

/** Ends a daemon; with a slot, its containers too, so that nothing waits for their grace periods. */
async function end(child: ChildProcess, signal: NodeJS.Signals, slot: Slot | null): Promise<void> {
  const ended = () => child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
  child.kill(signal);
  for (let waited = 0; !ended(); waited += 50) {
    if (slot !== null) await killCgroup(slot);
    if (waited >= STOP_TIMEOUT_MS) child.kill("SIGKILL");
    await delay(50);
  }
}

async function until(
  ready: () => Promise<boolean>,
  child: ChildProcess,
  slot: Slot,
  name: string,
): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await ready())) {
    if (
      child.exitCode !== null ||
      child.signalCode !== null ||
      child.pid === undefined ||
      Date.now() > deadline
    ) {
      const log = await readFile(join(slot.directory, "log"), "utf8").catch(() => "");
      throw new Error(`${name} of the test lab did not start:\n${log.slice(-4000)}`);
    }
    await delay(50);
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ socketPath, path: "/_ping", timeout: 10_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once("timeout", () => request.destroy());
    request.once("error", () => resolve(false));
  });
}
