// `make bench-webhook`: from `docker push` to the new container's answer, told by the registry's own notification and found
// by polling, beside the engine's own pull, create, stop and start. Writes its part of docs/reference/performance.md.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "../../deploy/dev/lib/paths.mjs";
import { until } from "../../deploy/dev/lib/process.mjs";
import { engineCall } from "./contenders.mjs";
import { startHost } from "./host.mjs";
import { runInside } from "./inside.mjs";
import { median, ms, writeSection } from "./page.mjs";
import { buildStage, image, registry, release, startProbe } from "./stage.mjs";

const rounds = Number(process.env.ROUNDS || 20);
const pollSeconds = 10;
const [agentPort, floorPort] = [9100, 9101];
const token = randomBytes(32).toString("base64url");
const never = "0 0 1 1 *";

/** @typedef {Awaited<ReturnType<typeof startHost>>} Host */
/** @typedef {import("./stage.mjs").Stage} Stage */
/** @typedef {ReturnType<typeof startProbe>} Probe */

/**
 * One push.
 * @typedef {object} Reading
 * @property {number} pushMs  docker push itself
 * @property {number} afterMs  from its end to the answer of the new container
 */

if (process.argv[2] === "inside") await measure();
else process.exitCode = runInside(join(import.meta.dirname, "webhook.mjs"), ["docker"]);

async function measure() {
  if (!existsSync(join(root, "dist/main.js"))) throw new Error("dist/main.js is missing: make build");
  const [load = 0] = loadavg();
  const stage = await buildStage(`http://127.0.0.1:8080/hooks/distribution/${token}`);
  const host = await startHost(stage.directory);
  const probe = startProbe([agentPort, floorPort]);
  const end = async () => {
    probe.end();
    await host.end();
    await stage.end();
  };
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
    process.once(signal, () => void end().finally(() => process.exit(1)));
  }
  try {
    const floor = await startFloor(stage, probe);
    /** @type {number[]} */
    const floors = [];
    const told = await withAgent(stage, { port: 8080, schedule: never }, async (settled) =>
      repeat("webhook", async (version) => {
        floors.push(await floor(version));
        return onePush(host, probe, version, settled);
      }),
    );
    // On another port, so that nobody takes the notifications.
    const schedule = `*/${pollSeconds} * * * * *`;
    const polled = await withAgent(stage, { port: 8090, schedule }, async (settled) =>
      repeat("polling", (version) =>
        onePush(host, probe, version, settled, Math.random() * pollSeconds * 1000),
      ),
    );
    const { Version } = await stage.engine.list("/version");
    writeSection("webhook", pageText({ told, polled, floors, engineVersion: Version, load }));
  } finally {
    await end();
  }
}

/**
 * @param {string} name
 * @param {(version: string) => Promise<Reading>} once
 */
async function repeat(name, once) {
  /** @type {Reading[]} */
  const readings = [];
  for (let round = 1; round <= rounds; round += 1) {
    const reading = await once(`${name}-${round}`);
    readings.push(reading);
    console.log(`${name} ${round}: push ${ms(reading.pushMs)}, answer ${ms(reading.afterMs)} after it`);
  }
  return readings;
}

/**
 * @param {Host} host
 * @param {Probe} probe
 * @param {string} version
 * @param {() => Promise<void>} settled
 * @returns {Promise<Reading>}
 */
async function onePush(host, probe, version, settled, waitMs = 0) {
  await host.prepare(version);
  await settled();
  await sleep(500 + waitMs);
  const began = Date.now();
  host.push();
  const returned = Date.now();
  const answered = await answering(probe, agentPort, version);
  return { pushMs: returned - began, afterMs: answered - returned };
}

/**
 * @param {Probe} probe
 * @param {number} port
 * @param {string} version
 * @returns {Promise<number>} when it answered first, ms since the epoch
 */
async function answering(probe, port, version) {
  let at = 0;
  const answered = async () => {
    at = (await probe.read()).find((one) => one.port === port)?.first[version] ?? 0;
    return at > 0;
  };
  if (!(await until(answered, 60_000))) throw new Error(`port ${port} never answered with ${version}`);
  return at;
}

/**
 * The agent as a process, looking after the one project; `settled` waits until nothing is under way.
 * @template T
 * @param {Stage} stage
 * @param {{ port: number, schedule: string }} how
 * @param {(settled: () => Promise<void>) => Promise<T>} work
 * @returns {Promise<T>}
 */
async function withAgent(stage, { port, schedule }, work) {
  const config = configuration(stage, port, schedule);
  await release(`first-${port}`);
  const main = join(root, "dist/main.js");
  const agent = spawn("node", [main, "run", "--config", config], { stdio: "ignore" });
  const isSettled = async () => {
    try {
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/projects/hooked`);
      const { busy, rollout, services } = JSON.parse(await answer.text());
      return (
        !busy && rollout.state === "idle" && services[0].available === null && services[0].container !== null
      );
    } catch {
      return false;
    }
  };
  const settled = async () => {
    if (!(await until(isSettled, 60_000))) throw new Error("the agent did not come to rest");
  };
  try {
    await settled();
    return await work(settled);
  } finally {
    agent.kill("SIGTERM");
    await new Promise((resolve) => agent.on("exit", resolve));
  }
}

/**
 * @param {Stage} stage
 * @param {number} port
 * @param {string} schedule
 */
function configuration(stage, port, schedule) {
  const directory = join(stage.directory, "projects/hooked");
  mkdirSync(directory, { recursive: true });
  writeFileSync(
    join(directory, "compose.yaml"),
    `name: hooked\nservices:\n  web:\n    image: ${image}\n    ports: ["${agentPort}:8081"]\n`,
  );
  const tokenFile = join(stage.directory, "token");
  writeFileSync(tokenFile, `${token}\n`, { mode: 0o600 });
  const file = join(stage.directory, "boardhand.yml");
  writeFileSync(
    file,
    [
      `projects: [{name: hooked, directory: ${directory}}]`,
      `docker: {host: "${stage.host}"}`,
      `state: ${join(stage.directory, "state")}`,
      `schedule: "${schedule}"`,
      "jitter: 0s",
      "rollout: {monitor: 1s}",
      "images: {min_free_space: 10MB}",
      `http: {listen: "127.0.0.1:${port}"}`,
      `webhooks: {token_file: ${tokenFile}}`,
      "",
    ].join("\n"),
  );
  return file;
}

/**
 * Plain engine calls: the least that an update takes, from the pull to the answer.
 * @param {Stage} stage
 * @param {Probe} probe
 * @returns {Promise<(version: string) => Promise<number>>}
 */
async function startFloor(stage, probe) {
  const call = engineCall(stage.host);
  const own = `${registry}/bench/floor`;
  await call("POST", "/networks/create", { Name: "floor_default" });
  let before = "";
  return async (version) => {
    await release(version, "bench/floor");
    const name = `floor-${version}`;
    const began = Date.now();
    await call("POST", `/images/create?fromImage=${encodeURIComponent(own)}&tag=latest`);
    await call("POST", `/containers/create?name=${name}`, {
      Image: `${own}:latest`,
      ExposedPorts: { "8081/tcp": {} },
      HostConfig: {
        NetworkMode: "floor_default",
        PortBindings: { "8081/tcp": [{ HostPort: String(floorPort) }] },
      },
    });
    if (before !== "") await call("POST", `/containers/${before}/stop`);
    await call("POST", `/containers/${name}/start`);
    const tookMs = (await answering(probe, floorPort, version)) - began;
    if (before !== "") await stage.engine.remove(`/containers/${before}`);
    before = name;
    return tookMs;
  };
}

/**
 * @param {{ told: readonly Reading[], polled: readonly Reading[], floors: readonly number[], engineVersion: string, load: number }} found
 */
function pageText({ told, polled, floors, engineVersion, load }) {
  const [byHook, byPoll] = [told, polled].map((readings) => readings.map(({ afterMs }) => afterMs));
  // The first of the plain updates has nothing to stop.
  const own = floors.slice(1);
  const beyond = (byHook ?? []).map((afterMs) => afterMs - median(own));
  /** @param {string} name @param {readonly number[]} values */
  const row = (name, values) => `| ${name} | ${ms(median(values))} | ${ms(Math.max(...values))} |`;
  return `## From push to answer

Made by \`make bench-webhook\`: ${rounds} pushes by \`docker push\` from an engine of its own to a registry, whose notification the
agent gets; one service, asked every 10 ms on its port. Then the same pushes, at moments of chance, found by polling every ${pollSeconds} s
(the default is five minutes). *The engine's own* is plain calls in the same run: pull, create, stop the old one, start
the new one, answer. Docker ${engineVersion}, Node ${process.versions.node}, ${cpus().length} CPUs; the load before it was ${load.toFixed(1)}.

| | median | worst |
| --- | --- | --- |
${row(
  "`docker push` itself",
  [...told, ...polled].map(({ pushMs }) => pushMs),
)}
${row("from its end to the new container's answer, by webhook", byHook ?? [])}
${row(`the same by polling every ${pollSeconds} s`, byPoll ?? [])}
${row("the engine's own pull, create, stop and start", own)}
${row("by webhook, beyond the median of the engine's own", beyond)}

Wanted: a median under 2000 ms beyond the engine's own; reached: ${ms(median(beyond))}. A quarter of a second of it is
waited on purpose, so that the pushes of one release become one look.
`;
}
