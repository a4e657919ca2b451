// Asks every service over and over, each time on a fresh connection, from a process of its own, and keeps for each
// the longest time between two answers. A question that hangs does not hold up the next one.
import { connect } from "node:net";

const [address = "", everyMs = "", ...ports] = process.argv.slice(2);
const patienceMs = 1_000;

/**
 * @typedef {object} Seen
 * @property {number} port
 * @property {number} lastMs  epoch of the newest answer, 0 before the first
 * @property {number} worstMs
 * @property {number} answers
 * @property {Record<string, number>} first  version to the epoch of its first answer
 */

/** @type {readonly Seen[]} */
const services = ports.map((port) => ({ port: Number(port), lastMs: 0, worstMs: 0, answers: 0, first: {} }));
const now = () => performance.timeOrigin + performance.now();

for (const [index, service] of services.entries()) {
  // Spread over the interval, so that not all ask at the same moment.
  setTimeout(
    () => setInterval(() => ask(service), Number(everyMs)),
    (index * Number(everyMs)) / services.length,
  );
}
process.stdin.on("data", (line) => {
  if (String(line).startsWith("reset")) {
    for (const service of services) Object.assign(service, { worstMs: 0, answers: 0, first: {} });
    console.log("{}");
  } else {
    console.log(JSON.stringify(services));
  }
});
process.stdin.on("end", () => process.exit(0));

/** @param {Seen} service */
function ask(service) {
  const socket = connect({ host: address, port: service.port });
  let text = "";
  socket.setTimeout(patienceMs, () => socket.destroy());
  socket.on("error", () => socket.destroy());
  socket.on("connect", () => socket.write("GET /version HTTP/1.0\r\n\r\n"));
  socket.on("data", (chunk) => {
    text += chunk;
  });
  socket.on("end", () => {
    const version = /^HTTP\/1\.\d 200 .*\r\n\r\n(\S+)\n$/s.exec(text)?.[1];
    if (version !== undefined) note(service, version);
  });
}

/**
 * @param {Seen} service
 * @param {string} version
 */
function note(service, version) {
  const at = now();
  if (service.lastMs > 0) service.worstMs = Math.max(service.worstMs, at - service.lastMs);
  service.lastMs = at;
  service.answers += 1;
  service.first[version] ??= at;
}
