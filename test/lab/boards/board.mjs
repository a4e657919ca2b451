// A virtual board that runs: QEMU on a copy-on-write overlay of the kind's disk, reached through ports of 127.0.0.1 alone.
// It can be switched off as a plug is pulled, and on again with what its disk had; it never outlives who started it.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { boardDisk } from "./disk.mjs";
import { boards, kernels } from "./kinds.mjs";

/** @typedef {import("./kinds.mjs").BoardKind} BoardKind */
/** @typedef {{ status: number, stdout: string, stderr: string }} Ran */

/**
 * @typedef {object} BoardOptions
 * @property {readonly number[]} [ports]  of the board, to be reached from here; 8080 when left out
 * @property {number} [memoryMb]
 * @property {(line: string) => void} [say]
 */

/** Emulated, on a machine that has much else to do. */
const bootLimitMs = 15 * 60_000;
const defaultRunMs = 5 * 60_000;
const enginePort = 2375;
const execPort = 2380;
const prefix = "boardhand-virtual-";
/** What a machine of the test's own is called on the board; 10.0.2.15 is the board itself. */
export const hostSeenFromBoard = "10.0.2.2";

/**
 * Starts a board and waits until its engine answers.
 * @param {BoardKind} kind
 * @param {BoardOptions} [options]
 * @throws {Error} with the end of its console when it does not come up
 */
export async function startBoard(kind, options = {}) {
  const { ports = [8080], memoryMb = 1024, say } = options;
  const made = await boardDisk(kind, say);
  await removeAbandoned();
  const directory = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  const overlay = join(directory, "disk.qcow2");
  await promisify(execFile)("qemu-img", [
    "create",
    "-q",
    "-f",
    "qcow2",
    "-F",
    "raw",
    "-b",
    made.disk,
    overlay,
  ]);
  /** @type {Map<number, number>} */
  const forwards = new Map();
  for (const port of [enginePort, execPort, ...ports]) forwards.set(port, await freePort());
  const words = qemuWords(kind, {
    ...made,
    overlay,
    forwards,
    memoryMb,
    console: join(directory, "console"),
  });
  const board = new VirtualBoard(kind, directory, forwards, words);
  try {
    await board.powerOn();
  } catch (error) {
    await board.stop();
    throw error;
  }
  return board;
}

export class VirtualBoard {
  /** How long the last start took until the engine answered. */
  bootMs = 0;
  #qemu = /** @type {import("node:child_process").ChildProcess | null} */ (null);
  #directory;
  #forwards;
  #words;

  /**
   * @param {BoardKind} kind
   * @param {string} directory  its own, removed when it stops
   * @param {ReadonlyMap<number, number>} forwards  ports of the board to ports of this machine
   * @param {readonly string[]} words
   */
  constructor(kind, directory, forwards, words) {
    this.kind = kind;
    this.#directory = directory;
    this.#forwards = forwards;
    this.#words = words;
  }

  /** For `docker -H`. */
  get engine() {
    return `tcp://${this.at(enginePort)}`;
  }

  /** Of QEMU; null while the board is off. */
  get pid() {
    return this.#isOn() ? (this.#qemu?.pid ?? null) : null;
  }

  /**
   * Where a port of the board is reached from here.
   * @param {number} port  one of those it was started with
   * @returns {string} `127.0.0.1:…`
   */
  at(port) {
    const forwarded = this.#forwards.get(port);
    if (forwarded === undefined) throw new Error(`port ${port} of the board is not handed on`);
    return `127.0.0.1:${forwarded}`;
  }

  /** Where a shell script is sent: `curl --data-binary 'uname -a' URL`. */
  get shell() {
    return `http://${this.at(execPort)}/cgi-bin/exec`;
  }

  /** Switches it on, and waits until its engine answers. */
  async powerOn() {
    if (this.#isOn()) throw new Error(`${this.kind} is on already`);
    const started = performance.now();
    const output = openSync(join(this.#directory, "qemu"), "a");
    // The kernel ends QEMU with whoever started it, however that one ends.
    const qemu = spawn("setpriv", ["--pdeathsig", "KILL", ...this.#words], {
      stdio: ["ignore", output, output],
    });
    closeSync(output);
    qemu.once("error", () => {});
    this.#qemu = qemu;
    const url = `http://${this.at(enginePort)}/_ping`;
    while (!(await answers(url)) || !(await this.#hasShell())) {
      if (!this.#isOn()) throw new Error(`${this.kind} ended while it started:\n${this.console()}`);
      if (performance.now() - started > bootLimitMs)
        throw new Error(
          `${this.kind} did not come up in ${bootLimitMs / 60_000} minutes:\n${this.console()}`,
        );
      await delay(200);
    }
    this.bootMs = Math.round(performance.now() - started);
  }

  /** Pulls the plug: nothing on the board gets to hear of it, and what it had not yet written is lost. */
  async cutPower() {
    const qemu = this.#qemu;
    if (qemu === null || !this.#isOn()) return;
    const ended = once(qemu, "exit");
    qemu.kill("SIGKILL");
    await ended;
  }

  /** Ends it and removes its disk. */
  async stop() {
    await this.cutPower();
    await rm(this.#directory, { recursive: true, force: true });
  }

  /** What it last said on its serial console, and QEMU with it. */
  console() {
    const texts = ["qemu", "console"]
      .map((name) => join(this.#directory, name))
      .filter((file) => existsSync(file));
    return texts.map((file) => readFileSync(file, "utf8").slice(-6000)).join("");
  }

  /**
   * Runs a shell script on the board, as root.
   * @param {string} script
   * @param {number} [limitMs]
   * @returns {Promise<Ran>} however it ended
   */
  async run(script, limitMs = defaultRunMs) {
    const asked = request(this.shell, { method: "POST", signal: AbortSignal.timeout(limitMs), agent: false });
    // The board may be switched off at any time; whoever waits for the answer is told.
    asked.on("error", () => {});
    asked.end(script);
    const [answer] = /** @type {[import("node:http").IncomingMessage]} */ (await once(asked, "response"));
    const chunks = [];
    for await (const chunk of answer) chunks.push(chunk);
    const said = Buffer.concat(chunks);
    const split = Number(answer.headers["x-stdout"]);
    const status = Number(answer.headers["x-status"]);
    if (answer.statusCode !== 200 || !Number.isInteger(split) || !Number.isInteger(status))
      throw new Error(`the board's shell answered ${answer.statusCode}: ${said}`);
    return { status, stdout: said.toString("utf8", 0, split), stderr: said.toString("utf8", split) };
  }

  /**
   * What the script printed.
   * @param {string} script
   * @param {number} [limitMs]
   * @throws {Error} with what it said when it ended badly
   */
  async ok(script, limitMs) {
    const { status, stdout, stderr } = await this.run(script, limitMs);
    if (status !== 0) throw new Error(`on ${this.kind}, status ${status} of: ${script}\n${stdout}${stderr}`);
    return stdout.trim();
  }

  /**
   * @param {string} path  on the board; folders are made
   * @param {string | Buffer} content
   * @param {string} [mode]
   */
  async write(path, content, mode = "644") {
    const text = Buffer.from(content).toString("base64").replace(/.{76}/g, "$&\n");
    const quoted = `'${path.replaceAll("'", "'\\''")}'`;
    await this.ok(
      `mkdir -p "$(dirname ${quoted})" && base64 -d >${quoted} <<'END' && chmod ${mode} ${quoted}\n${text}\nEND\n`,
    );
  }

  #isOn() {
    return this.#qemu !== null && this.#qemu.exitCode === null && this.#qemu.signalCode === null;
  }

  async #hasShell() {
    return this.run("true", 60_000).then(
      ({ status }) => status === 0,
      () => false,
    );
  }
}

/**
 * @param {BoardKind} kind
 * @param {object} parts
 * @param {string} parts.kernel
 * @param {string} parts.initramfs
 * @param {string} parts.overlay
 * @param {string} parts.console
 * @param {number} parts.memoryMb
 * @param {ReadonlyMap<number, number>} parts.forwards
 * @returns {readonly string[]}
 */
function qemuWords(kind, { kernel, initramfs, overlay, console, memoryMb, forwards }) {
  const { qemu, cpu } = kernels[boards[kind].kernel];
  const handedOn = [...forwards].map(([there, here]) => `,hostfwd=tcp:127.0.0.1:${here}-:${there}`).join("");
  return [
    ...[
      qemu,
      "-M",
      "virt",
      "-cpu",
      cpu,
      "-smp",
      "2",
      "-m",
      String(memoryMb),
      "-nodefaults",
      "-no-user-config",
    ],
    // Without a bound, translated code takes a gigabyte.
    ...["-accel", "tcg,thread=multi,tb-size=256"],
    ...["-display", "none", "-no-reboot", "-serial", `file:${console}`],
    ...["-kernel", kernel, "-initrd", initramfs, "-append", "console=ttyAMA0 loglevel=4 panic=-1"],
    ...["-drive", `file=${overlay},format=qcow2,if=none,id=card`, "-device", "virtio-blk-device,drive=card"],
    ...["-netdev", `user,id=net${handedOn}`, "-device", "virtio-net-device,netdev=net"],
    ...["-device", "virtio-rng-device"],
  ];
}

/** Overlays of runs that were killed. */
async function removeAbandoned() {
  for (const entry of readdirSync(tmpdir())) {
    const pid = new RegExp(`^${prefix}(\\d+)-`).exec(entry)?.[1];
    if (pid === undefined || existsSync(`/proc/${pid}`)) continue;
    await rm(join(tmpdir(), entry), { recursive: true, force: true });
  }
}

/** @param {string} url */
async function answers(url) {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}

/** @returns {Promise<number>} that nobody listened on a moment ago */
async function freePort() {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}
