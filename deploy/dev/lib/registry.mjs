// Finds out what answers on the registry's port, and starts Debian's registry there when nothing does.
import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { livePid, startDetached, until } from "./process.mjs";

/**
 * What is on 127.0.0.1:PORT now.
 * @param {number} port
 * @returns {Promise<"registry" | "locked" | "other" | "nothing">}
 */
export async function whatAnswers(port) {
  if (!(await portTaken(port))) return "nothing";
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/v2/`, { signal: AbortSignal.timeout(5_000) });
    await answer.arrayBuffer();
    if (answer.headers.get("docker-distribution-api-version") === null) return "other";
    return answer.status === 200 ? "registry" : "locked";
  } catch {
    return "other";
  }
}

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
export function portTaken(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

/**
 * Starts a registry of our own, everything it keeps under `directory`.
 * @param {number} port
 * @param {string} directory
 * @param {string | null} notify  the webhook that is told of pushes; its token is in it, so the file is for its owner only
 */
export async function startRegistry(port, directory, notify = null) {
  mkdirSync(directory, { recursive: true });
  const config = join(directory, "config.yml");
  const log = join(directory, "registry.log");
  const record = join(directory, "registry.json");
  writeFileSync(
    config,
    [
      "version: 0.1",
      "log: {level: warn}",
      "storage:",
      `  filesystem: {rootdirectory: ${JSON.stringify(join(directory, "storage"))}}`,
      "  delete: {enabled: true}",
      `http: {addr: "127.0.0.1:${port}"}`,
      ...(notify === null ? [] : notifications(notify)),
      "",
    ].join("\n"),
    { mode: 0o600 },
  );
  // Debian's unit file sets REGISTRY_* for its own service; only our file counts here.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith("REGISTRY_")),
  );
  startDetached("docker-registry", ["serve", config], { log, record, env });
  const up = await until(
    async () => livePid(record) === null || (await whatAnswers(port)) === "registry",
    20_000,
  );
  if (!up || livePid(record) === null)
    throw new Error(`the registry did not start on port ${port}; see ${log}`);
}

/** @param {string} url */
function notifications(url) {
  return [
    "notifications:",
    "  endpoints:",
    `    - {name: boardhand, url: ${JSON.stringify(url)}, timeout: 1s, threshold: 5, backoff: 2s}`,
  ];
}
