// What a dockerd leaves in the kernel when it ends: its bridge, its firewall rules, two switches. Recorded before
// it starts, so that afterwards only what it added is taken away.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";

/**
 * @typedef {object} NetworkTrace
 * @property {readonly string[]} links  names of network interfaces
 * @property {Readonly<Record<string, readonly string[]>>} rules  table to lines in the form of iptables-save
 * @property {string} forwarding  /proc/sys/net/ipv4/ip_forward
 * @property {readonly string[]} paths  of `strayPaths`, those that were there
 */

const forwardingFile = "/proc/sys/net/ipv4/ip_forward";
const tables = ["filter", "nat", "raw", "mangle"];

/** dockerd and its containerd make these outside their own directories. */
const strayPaths = [
  "/etc/docker/key.json",
  "/etc/docker",
  "/opt/containerd/bin",
  "/opt/containerd/lib",
  "/opt/containerd",
  "/run/containerd/s",
  "/run/containerd",
  "/run/docker/plugins",
  "/run/docker",
];

/** @returns {NetworkTrace} */
export function traceNetwork() {
  return {
    links: readLinks(),
    rules: Object.fromEntries(tables.map((table) => [table, readRules(table)])),
    forwarding: readFileSync(forwardingFile, "utf8").trim(),
    paths: strayPaths.filter((path) => existsSync(path)),
  };
}

/**
 * Takes away what is there now and was not there then, if it is Docker's.
 * @param {NetworkTrace} before
 */
export function restoreNetwork(before) {
  for (const link of readLinks().filter((name) => /^(docker0|br-[0-9a-f]{12})$/.test(name))) {
    if (!before.links.includes(link)) spawnSync("ip", ["link", "delete", link]);
  }
  for (const table of tables) restoreTable(table, before.rules[table] ?? []);
  writeFileSync(forwardingFile, before.forwarding);
  for (const path of strayPaths.filter((each) => existsSync(each) && !before.paths.includes(each)))
    removeStray(path);
}

/**
 * @param {string} table
 * @param {readonly string[]} before
 */
function restoreTable(table, before) {
  const known = new Set(before);
  const added = readRules(table).filter((line) => !known.has(line));
  const iptables = (/** @type {string[]} */ ...args) => spawnSync("iptables", ["-w", "-t", table, ...args]);
  for (const line of added.filter(
    (each) => each.startsWith("-A ") && /DOCKER|docker|-o br-|172\.\d+\./.test(each),
  )) {
    iptables("-D", ...words(line.slice("-A ".length)));
  }
  const chains = added.map((line) => /^:(DOCKER\S*) /.exec(line)?.[1]).filter((name) => name !== undefined);
  for (const chain of chains) iptables("-F", chain);
  for (const chain of chains) iptables("-X", chain);
  const policy = before
    .map((line) => /^:FORWARD (ACCEPT|DROP)/.exec(line)?.[1])
    .find((name) => name !== undefined);
  // A table that was not there at all had the kernel's default, which is to accept.
  if (table === "filter") iptables("-P", "FORWARD", policy ?? "ACCEPT");
}

/** @param {string} path */
function removeStray(path) {
  try {
    if (path.endsWith(".json")) rmSync(path);
    else rmdirSync(path);
  } catch {
    // A directory that somebody has put something into is theirs now.
  }
}

/** @param {string} table */
function readRules(table) {
  const run = spawnSync("iptables-save", ["-t", table], { encoding: "utf8" });
  return (run.stdout ?? "")
    .split("\n")
    .filter((line) => /^(:|-A )/.test(line))
    .map((line) => line.replace(/ \[\d+:\d+\]$/, ""));
}

function readLinks() {
  const run = spawnSync("ip", ["-o", "link", "show"], { encoding: "utf8" });
  return (run.stdout ?? "").split("\n").flatMap((line) => /^\d+: ([^:@]+)/.exec(line)?.[1] ?? []);
}

/**
 * iptables-save quotes only comments; the rules deleted here are split at blanks outside quotes.
 * @param {string} line
 */
function words(line) {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}
