// The few Engine API calls that `make run` and `make stop` need, on Node alone: nothing is installed yet when
// they run first. Unversioned paths, so any engine answers.
import { request } from "node:http";

const timeoutMs = 60_000;

/**
 * @param {string} host  `unix:///path` or `tcp://host:port`
 */
export function engineAt(host) {
  const where = addressOf(host);
  /**
   * @param {string} method
   * @param {string} path
   * @returns {Promise<{ status: number, body: string }>}
   */
  const call = (method, path) =>
    new Promise((resolve, reject) => {
      const req = request({ ...where, method, path, timeout: timeoutMs }, (answer) => {
        /** @type {Buffer[]} */
        const chunks = [];
        answer.on("data", (chunk) => chunks.push(chunk));
        answer.on("end", () =>
          resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
        );
        answer.on("error", reject);
      });
      req.on("timeout", () =>
        req.destroy(new Error(`the engine at ${host} did not answer ${method} ${path}`)),
      );
      req.on("error", reject);
      req.end();
    });

  return {
    host,
    answers: () =>
      call("GET", "/_ping").then(
        ({ status }) => status === 200,
        () => false,
      ),
    /** @param {string} path */
    async list(path) {
      const { status, body } = await call("GET", path);
      if (status !== 200) throw new Error(`the engine answered ${status} to ${path}: ${body.slice(0, 200)}`);
      return JSON.parse(body);
    },
    /**
     * Removes a thing; one that is already gone counts as removed.
     * @param {string} path
     */
    async remove(path) {
      const { status, body } = await call("DELETE", path);
      if (status >= 300 && status !== 404)
        throw new Error(`the engine answered ${status} to DELETE ${path}: ${body}`);
    },
  };
}

/** @typedef {ReturnType<typeof engineAt>} Engine */

/**
 * The query part that selects by labels.
 * @param {readonly string[]} labels
 */
export function labelled(labels) {
  return `filters=${encodeURIComponent(JSON.stringify({ label: labels }))}`;
}

/** @param {string} host */
function addressOf(host) {
  if (host.startsWith("unix://")) return { socketPath: host.slice("unix://".length) };
  const url = new URL(host.replace(/^tcp:/, "http:"));
  if (!/^(tcp|http):/.test(host)) throw new Error(`DOCKER_HOST=${host} is neither unix:// nor tcp://`);
  return { host: url.hostname, port: Number(url.port || 2375) };
}
