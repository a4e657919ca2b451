// The three ways to put a new image under ten services: Boardhand, docker compose, and bare stop and start of
// containers that were prepared beforehand, one after the other, which is the least an engine can do.
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { root } from "../../deploy/dev/lib/paths.mjs";
import { until } from "../../deploy/dev/lib/process.mjs";
import { cpuOfTreeMs, image, ports } from "./stage.mjs";

/**
 * @typedef {object} Contender
 * @property {string} name
 * @property {() => Promise<unknown>} start  brings the first version up
 * @property {() => Promise<unknown>} prepare  what is not measured, after the new image is in the registry
 * @property {() => Promise<number>} update  CPU of the tool, ms
 * @property {readonly { name: string, run: () => Promise<Round> }[]} again  the same with nothing new
 */

/** @typedef {import("./stage.mjs").Stage} Stage */

/** @typedef {{ totalMs: number, toolCpuMs: number }} Round */

const floorNetwork = "floor_default";
const composeName = "docker compose pull && up -d";

/**
 * @param {Stage} stage
 * @param {string} composePlugin  the docker-compose binary
 * @returns {Contender}
 */
export function compose(stage, composePlugin) {
  const directory = writeProject(stage, "compose");
  const env = { ...process.env, DOCKER_HOST: stage.host };
  const run = (/** @type {string} */ script) => timed(script, { cwd: directory, env });
  const update = () => run(`'${composePlugin}' pull && '${composePlugin}' up -d`);
  return {
    name: composeName,
    start: () => run(`'${composePlugin}' up -d`),
    prepare: async () => undefined,
    update,
    again: [{ name: composeName, run: () => clocked(update) }],
  };
}

/**
 * @param {Stage} stage
 * @returns {Contender}
 */
export function boardhand(stage) {
  const directory = writeProject(stage, "boardhand");
  const config = join(stage.directory, "boardhand.yml");
  writeFileSync(
    config,
    [
      `projects: [{name: boardhand, directory: ${directory}}]`,
      `docker: {host: "${stage.host}"}`,
      `state: ${join(stage.directory, "state")}`,
      'schedule: "0 0 1 1 *"',
      "rollout: {monitor: 1s}",
      "images: {min_free_space: 10MB}",
      'http: {listen: "127.0.0.1:8080"}',
      "",
    ].join("\n"),
  );
  const apply = () =>
    timed(`node '${join(root, "dist/main.js")}' apply --config '${config}'`, { env: process.env });
  return {
    name: "boardhand apply",
    start: apply,
    prepare: async () => undefined,
    update: apply,
    again: [
      { name: "boardhand, a round of the running agent", run: () => roundOfAgent(config) },
      { name: "boardhand apply, started for it", run: () => clocked(apply) },
    ],
  };
}

/**
 * Starts the agent, lets it look once, and measures the next look.
 * @param {string} config
 * @returns {Promise<Round>}
 */
async function roundOfAgent(config) {
  const agent = spawn("node", [join(root, "dist/main.js"), "run", "--config", config], { stdio: "ignore" });
  try {
    if (!(await until(async () => (await lookedAt()) !== null, 30_000)))
      throw new Error("the agent did not look");
    await setTimeout(1_000);
    const before = await lookedAt();
    const cpuBefore = cpuOfTreeMs(agent.pid ?? 0);
    const started = performance.now();
    const asked = await fetch(`${agentProject}/check`, { method: "POST", headers: { "x-boardhand": "1" } });
    if (asked.status !== 202) throw new Error(`the agent answered ${asked.status} to a check`);
    const done = async () => ![null, before].includes(await lookedAt());
    const deadline = started + 60_000;
    while (!(await done())) {
      if (performance.now() > deadline) throw new Error("the agent did not look again within a minute");
      await setTimeout(10);
    }
    return { totalMs: performance.now() - started, toolCpuMs: cpuOfTreeMs(agent.pid ?? 0) - cpuBefore };
  } finally {
    agent.kill("SIGTERM");
    await new Promise((resolve) => agent.on("exit", resolve));
  }
}

const agentProject = "http://127.0.0.1:8080/api/v1/projects/boardhand";

/** When the agent's last finished look began; null while there is none or one is under way. */
async function lookedAt() {
  try {
    const project = JSON.parse(await (await fetch(agentProject)).text());
    return project.busy ? null : project.lastLookAt;
  } catch {
    return null;
  }
}

/**
 * @param {() => Promise<number>} work
 * @returns {Promise<Round>}
 */
async function clocked(work) {
  const started = performance.now();
  const toolCpuMs = await work();
  return { totalMs: performance.now() - started, toolCpuMs };
}

/**
 * @param {Stage} stage
 * @returns {Contender}
 */
export function floor(stage) {
  const call = engineCall(stage.host);
  /** @param {string} suffix */
  const create = async (suffix) => {
    await call("POST", `/images/create?fromImage=${encodeURIComponent(image)}`);
    for (const port of ports) {
      await call("POST", `/containers/create?name=floor-${port}-${suffix}`, {
        Image: image,
        ExposedPorts: { "8081/tcp": {} },
        HostConfig: {
          NetworkMode: floorNetwork,
          PortBindings: { "8081/tcp": [{ HostPort: String(port) }] },
        },
      });
    }
  };
  return {
    name: "bare stop and start",
    async start() {
      // A network of the project's own, as the other two have: joining one takes longer than the engine's default.
      await call("POST", "/networks/create", { Name: floorNetwork });
      await create("old");
      for (const port of ports) await call("POST", `/containers/floor-${port}-old/start`);
    },
    prepare: () => create("new"),
    async update() {
      for (const port of ports) {
        await call("POST", `/containers/floor-${port}-old/stop`);
        await call("POST", `/containers/floor-${port}-new/start`);
      }
      return 0;
    },
    again: [],
  };
}

/**
 * Ten services of one project, each with a port of its own.
 * @param {Stage} stage
 * @param {string} name
 */
function writeProject(stage, name) {
  const directory = join(stage.directory, "projects", name);
  mkdirSync(directory, { recursive: true });
  const services = ports.map((port) => `  s${port}:\n    image: ${image}\n    ports: ["${port}:8081"]\n`);
  writeFileSync(join(directory, "compose.yaml"), `name: ${name}\nservices:\n${services.join("")}`);
  return directory;
}

/**
 * Runs a shell script to its end.
 * @param {string} script
 * @param {{ cwd?: string, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<number>} user and system time of all its processes, ms
 */
function timed(script, options) {
  return new Promise((resolve, reject) => {
    // bash writes the times of its children as its last line: user, then system.
    const child = spawn("bash", ["-c", `${script}; status=$?; times; exit $status`], {
      ...options,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    child.stderr.on("data", (chunk) => {
      output += chunk;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code !== 0) reject(new Error(`${script} ended with status ${code}:\n${output.slice(-3000)}`));
      else resolve(cpuFrom(output));
    });
  });
}

/** @param {string} output */
function cpuFrom(output) {
  const times = [...output.matchAll(/^(\d+)m([\d.]+)s (\d+)m([\d.]+)s$/gm)].at(-1);
  if (times === undefined) throw new Error("no times in the output");
  const [um = 0, us = 0, sm = 0, ss = 0] = times.slice(1).map(Number);
  return Math.round(((um + sm) * 60 + us + ss) * 1000);
}

/**
 * @param {string} host
 * @returns {(method: string, path: string, body?: object) => Promise<string>}
 */
export function engineCall(host) {
  return (method, path, body) =>
    new Promise((resolve, reject) => {
      const socketPath = host.slice("unix://".length);
      const req = request(
        { socketPath, method, path, headers: { "content-type": "application/json" } },
        (answer) => {
          let text = "";
          answer.on("data", (chunk) => {
            text += chunk;
          });
          answer.on("end", () => {
            if ((answer.statusCode ?? 500) < 300) resolve(text);
            else reject(new Error(`${method} ${path}: ${answer.statusCode} ${text}`));
          });
        },
      );
      req.on("error", reject);
      req.end(body === undefined ? undefined : JSON.stringify(body));
    });
}
