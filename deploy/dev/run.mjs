// `make run`: everything it takes, then the agent in the foreground. What it starts or makes is remembered first,
// so that `make stop` can take it away; what was there before is used and left alone.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { ensureInstalled } from "./lib/debian.mjs";
import { defaultHost, engineToStart, startEngine, whatBlocksSocket } from "./lib/dockerd.mjs";
import { engineAt, labelled } from "./lib/engine.mjs";
import { hookToken, hookTokenFile } from "./lib/hook-token.mjs";
import { engine } from "./lib/packages.mjs";
import {
  giveUp,
  packageCache,
  recall,
  records,
  remember,
  root,
  runDirectory,
  sampleDirectory,
  sampleProject,
} from "./lib/paths.mjs";
import { endRecorded, livePid, until, writeRecord } from "./lib/process.mjs";
import { portTaken, startRegistry, whatAnswers } from "./lib/registry.mjs";
import { pushSample, sampleRepositories } from "./lib/sample.mjs";

/** @typedef {import("./lib/paths.mjs").Memory} Memory */

const settings = readSettings();

try {
  const memory = await prepare();
  process.exitCode = await runAgent(memory);
} catch (error) {
  giveUp(error instanceof Error ? error.message : String(error), 1);
}

function readSettings() {
  const projects = process.env.PROJECTS ? resolve(process.env.PROJECTS) : null;
  if (projects !== null && !existsSync(projects))
    giveUp(`PROJECTS=${projects}: there is no such directory`, 2);
  return {
    host: process.env.DOCKER_HOST || defaultHost,
    projects,
    port: portFrom("PORT", 8080),
    registryPort: portFrom("REGISTRY_PORT", 5000),
    webPort: portFrom("WEB_PORT", 8081),
  };
}

/**
 * @param {string} name
 * @param {number} otherwise
 */
function portFrom(name, otherwise) {
  const text = process.env[name] || String(otherwise);
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65535) giveUp(`${name}=${text} is not a port`, 2);
  return port;
}

/** Engine, registry and sample, each only where it is missing. @returns {Promise<Memory>} */
async function prepare() {
  const known = recall();
  if (known !== null && livePid(records.agent) !== null) {
    console.log(`The agent is already running: http://localhost:${known.port} (make stop ends it)`);
    process.exit(0);
  }
  if (known !== null && known.projects !== settings.projects) {
    const what = known.projects === null ? "the sample project" : `PROJECTS=${known.projects}`;
    giveUp(`The last \`make run\` was for ${what}. Run \`make stop\` first, which ends and removes that.`, 1);
  }
  if (await portTaken(settings.port)) {
    giveUp(`Port ${settings.port} is taken. Choose another one for the page: make run PORT=8090`, 1);
  }
  await installMissing(known);
  const withEngine = await prepareEngine(known);
  const memory = settings.projects === null ? await prepareSample(withEngine) : withEngine;
  writeFileSync(join(runDirectory, "boardhand.yml"), configuration(memory));
  return memory;
}

/**
 * Everything that is missing is asked for at once, before anything is started.
 * @param {Memory | null} known
 */
async function installMissing(known) {
  /** @type {import("./lib/packages.mjs").Program[]} */
  const needs = [];
  if (settings.host === defaultHost && !(await engineAt(defaultHost).answers())) {
    const blocked = whatBlocksSocket();
    if (blocked !== null) giveUp(blocked, 1);
    needs.push(...engine);
  }
  const registryPort = known?.registryPort ?? settings.registryPort;
  if (settings.projects === null && (await whatAnswers(registryPort)) === "nothing") {
    needs.push("docker-registry");
  }
  ensureInstalled(needs, "make run");
}

/**
 * @param {Memory | null} known
 * @returns {Promise<Memory>}
 */
async function prepareEngine(known) {
  const start = {
    host: settings.host,
    projects: settings.projects,
    port: settings.port,
    registryPort: known?.registryPort ?? settings.registryPort,
    ownRegistry: known?.ownRegistry ?? false,
    pushed: known?.pushed ?? [],
  };
  if (await engineAt(settings.host).answers()) {
    step("engine", `answers at ${settings.host}`);
    return keep({ ...start, engine: known?.engine ?? "found", before: known?.before ?? null });
  }
  if (settings.host !== defaultHost) giveUp(`No engine answers at DOCKER_HOST=${settings.host}`, 1);
  const toStart = engineToStart();
  const memory = keep({ ...start, ...toStart, before: known?.before ?? toStart.before });
  await startEngine(toStart.engine, { keepsData: settings.projects !== null });
  step("engine", `started${toStart.engine === "systemd" ? " by systemd" : ""}, at ${defaultHost}`);
  return memory;
}

/**
 * @param {Memory} memory
 * @returns {Promise<Memory>}
 */
async function prepareSample(memory) {
  await refuseForeignProject(memory);
  const withRegistry = await prepareRegistry(memory);
  const registry = `http://127.0.0.1:${withRegistry.registryPort}`;
  if (withRegistry.pushed.length > 0) {
    step("sample", `is in the registry; the next version: make release VERSION=2`);
    return withRegistry;
  }
  if (!withRegistry.ownRegistry) await refuseForeignRepositories(registry);
  const pushed = await pushSample({ registry, version: "1", cache: packageCache });
  step("sample", "version 1 is in the registry; the next one: make release VERSION=2");
  return keep({ ...withRegistry, pushed });
}

/**
 * @param {Memory} memory
 * @returns {Promise<Memory>}
 */
async function prepareRegistry(memory) {
  const port = memory.registryPort;
  const found = await whatAnswers(port);
  if (found === "registry") {
    step("registry", `answers at 127.0.0.1:${port}`);
    return memory;
  }
  if (found !== "nothing") {
    const why = found === "locked" ? "a registry that asks for a login" : "something that is no registry";
    giveUp(`Port ${port} is taken by ${why}. Choose another one: make run REGISTRY_PORT=5001`, 1);
  }
  // The storage is gone or was never there, so whatever was pushed before does not count.
  const next = keep({ ...memory, ownRegistry: true });
  const hook = `http://127.0.0.1:${memory.port}/hooks/distribution/${hookToken()}`;
  await startRegistry(port, join(runDirectory, "registry"), hook);
  step("registry", `started at 127.0.0.1:${port}`);
  return next;
}

/**
 * A project of that name which this checkout did not start is somebody's own.
 * @param {Memory} memory
 */
async function refuseForeignProject(memory) {
  if (memory.pushed.length > 0) return;
  const engine = engineAt(settings.host);
  const filter = labelled([`com.docker.compose.project=${sampleProject}`]);
  /** @type {{ Labels: Record<string, string> }[]} */
  const containers = await engine.list(`/containers/json?all=1&${filter}`);
  const others = containers.filter(
    ({ Labels }) => Labels["com.docker.compose.project.working_dir"] !== sampleDirectory,
  );
  if (others.length > 0) {
    giveUp(
      `The engine already has a project named "${sampleProject}" that is not the sample. Nothing was touched.`,
      1,
    );
  }
}

/** @param {string} registry */
async function refuseForeignRepositories(registry) {
  for (const repository of sampleRepositories) {
    const answer = await fetch(`${registry}/v2/${repository}/tags/list`);
    /** @type {{ tags?: string[] | null }} */
    const body = JSON.parse(answer.ok ? await answer.text() : "{}");
    if ((body.tags ?? []).length > 0) {
      giveUp(
        `${registry} already has ${repository}. Use a registry of our own: make run REGISTRY_PORT=5001`,
        1,
      );
    }
  }
}

/** @param {Memory} memory */
function configuration(memory) {
  if (memory.projects === null) hookToken();
  const registry = `127.0.0.1:${memory.registryPort}`;
  const sample = [
    "projects:",
    `  - name: ${sampleProject}`,
    `    directory: ${JSON.stringify(sampleDirectory)}`,
    `    environment: {REGISTRY: "${registry}", WEB_PORT: "${settings.webPort}"}`,
    'schedule: "*/5 * * * * *"',
    "jitter: 0s",
    `registries: {insecure: ["${registry}"]}`,
    "rollout: {monitor: 10s, health_timeout: 30s}",
    "images: {min_free_space: 50MB}",
    `webhooks: {token_file: ${JSON.stringify(hookTokenFile)}}`,
  ];
  return [
    "# Written by make run.",
    ...(memory.projects === null ? sample : [`projects: ${JSON.stringify(memory.projects)}`]),
    `docker: {host: ${JSON.stringify(memory.host)}}`,
    `http: {listen: "0.0.0.0:${memory.port}"}`,
    `state: ${JSON.stringify(join(runDirectory, "state"))}`,
    "",
  ].join("\n");
}

/**
 * The agent has the terminal; Ctrl-C reaches it directly, and this waits for what it does about it.
 * @param {Memory} memory
 * @returns {Promise<number>} the exit status
 */
async function runAgent(memory) {
  mkdirSync(join(runDirectory, "state"), { recursive: true });
  const args = [join(root, "dist/main.js"), "run", "--config", join(runDirectory, "boardhand.yml")];
  const child = spawn(process.execPath, args, { stdio: "inherit" });
  for (const signal of /** @type {const} */ (["SIGINT", "SIGHUP"])) process.on(signal, () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  /** @type {Promise<number>} */
  const ended = new Promise((done) => {
    child.on("exit", (code, signal) => done(signal === null ? (code ?? 1) : 1));
    child.on("error", () => done(1));
  });
  if (child.pid !== undefined) writeRecord(records.agent, child.pid);
  void announce(memory, child.pid ?? 0);
  const status = await ended;
  await endRecorded(records.agent, 0);
  if (recall() !== null) {
    console.log("\nThe agent has ended. What it runs goes on until: make stop");
  }
  return status;
}

/**
 * Says the address when the page answers, so that it is the last line a person reads and true.
 * @param {Memory} memory
 * @param {number} pid
 */
async function announce(memory, pid) {
  const page = `http://localhost:${memory.port}`;
  const up = await until(async () => livePid(records.agent) !== pid || (await answers(page)), 60_000);
  if (!up || livePid(records.agent) !== pid) return;
  step("page", page);
  if (memory.projects === null) {
    step("sample", `http://localhost:${settings.webPort} (once it is up)`);
    step("webhook", `${page}/hooks/PROVIDER/TOKEN, the token is in ${relative(root, hookTokenFile)}`);
  }
  step("end", "Ctrl-C ends the agent, make stop ends and removes everything");
}

/** @param {string} page */
async function answers(page) {
  try {
    await (await fetch(page, { signal: AbortSignal.timeout(5_000) })).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {Memory} memory
 * @returns {Memory}
 */
function keep(memory) {
  remember(memory);
  return memory;
}

/**
 * @param {string} what
 * @param {string} text
 */
function step(what, text) {
  console.log(`  ${what.padEnd(9)} ${text}`);
}
