// The images of the sample project: nothing is pulled, each is Debian's static busybox and a few lines of shell.
// Version `broken` differs from the others in one thing: web does not answer its health check.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { debianArchitecture, unpackOwn } from "./debian.mjs";
import { buildImage, buildList } from "./image.mjs";
import { pushDocument, pushImage } from "./push.mjs";

/** @typedef {import("./image.mjs").Platform} Platform */
/** @typedef {import("./tar.mjs").TarEntry} TarEntry */

export const sampleRepositories = /** @type {const} */ (["hello/web", "hello/worker"]);

/** @type {Readonly<Record<string, Platform>>} */
const platforms = {
  amd64: { os: "linux", architecture: "amd64" },
  arm64: { os: "linux", architecture: "arm64", variant: "v8" },
  armhf: { os: "linux", architecture: "arm", variant: "v7" },
};

/**
 * Pushes one version of the sample as `latest` and under its own name.
 * @param {object} input
 * @param {string} input.registry  such as `http://127.0.0.1:5000`
 * @param {string} input.version
 * @param {string} input.cache  where busybox is kept between calls
 * @returns {Promise<readonly string[]>} what was pushed, as `REPOSITORY@DIGEST`
 */
export async function pushSample({ registry, version, cache }) {
  /** @type {string[]} */
  const pushed = [];
  for (const repository of sampleRepositories) {
    const image = sampleImage({
      repository,
      version,
      platform: ownPlatform(),
      busybox: unpackBusybox(cache),
    });
    const list = buildList([image]);
    await pushImage(registry, repository, image);
    for (const tag of [version, "latest"]) await pushDocument(registry, repository, tag, list);
    pushed.push(`${repository}@${list.digest}`, `${repository}@${image.manifest.digest}`);
  }
  return pushed;
}

/**
 * One image of the sample.
 * @param {object} input
 * @param {typeof sampleRepositories[number]} input.repository
 * @param {string} input.version
 * @param {Platform} input.platform
 * @param {Buffer} input.busybox  the static binary of that platform
 */
export function sampleImage({ repository, version, platform, busybox }) {
  const files = repository === "hello/web" ? webFiles(version) : workerFiles();
  return buildImage({
    platform,
    layers: [busyboxLayer(busybox), files],
    config: {
      Cmd: ["/bin/main"],
      Env: ["PATH=/bin", `VERSION=${version}`],
      Labels: {
        "org.opencontainers.image.title": repository,
        "org.opencontainers.image.version": version,
      },
    },
  });
}

/**
 * The static busybox of this machine's architecture.
 * @param {string} cache
 */
export function unpackBusybox(cache) {
  const directory = join(cache, `busybox-${debianArchitecture()}`);
  unpackOwn("busybox-static", directory);
  return readFileSync(join(directory, "bin/busybox"));
}

/**
 * The platform of this machine's packages.
 * @returns {Platform}
 */
export function ownPlatform() {
  const architecture = debianArchitecture();
  const platform = platforms[architecture];
  if (platform === undefined)
    throw new Error(`the sample runs on amd64, arm64 and armhf, not on ${architecture}`);
  // Raspberry Pi OS for 32 bit calls itself armhf and is built for ARMv6.
  const raspbian = architecture === "armhf" && /^ID=raspbian$/m.test(readFileSync("/etc/os-release", "utf8"));
  return raspbian ? { ...platform, variant: "v6" } : platform;
}

/**
 * Without nsswitch.conf the C library of a static busybox crashes at its first question to a name server.
 * @param {Buffer} busybox
 * @returns {readonly TarEntry[]}
 */
function busyboxLayer(busybox) {
  const links = ["sh", "httpd", "wget", "sleep", "echo", "date", "cat", "ls"];
  return [
    { path: "bin/", mode: 0o755 },
    { path: "bin/busybox", mode: 0o755, body: busybox },
    { path: "etc/", mode: 0o755 },
    { path: "etc/nsswitch.conf", mode: 0o644, body: "hosts: files dns\n" },
    ...links.map((name) => ({ path: `bin/${name}`, mode: 0o777, link: "busybox" })),
  ];
}

/**
 * The first process of a container ignores SIGTERM unless it handles it, and would take ten seconds to stop.
 * @param {string} version
 * @returns {readonly TarEntry[]}
 */
function webFiles(version) {
  const main = [
    "#!/bin/sh",
    "trap 'kill \"$server\"; exit 0' TERM INT",
    "httpd -f -p 8081 -h /www &",
    "server=$!",
    'echo "web version $VERSION listens on port 8081"',
    'wait "$server"',
    "",
  ].join("\n");
  return [
    { path: "bin/main", mode: 0o755, body: main },
    { path: "www/", mode: 0o755 },
    { path: "www/index.html", mode: 0o644, body: webPage(version) },
    { path: "www/version", mode: 0o644, body: `${version}\n` },
    ...(version === "broken" ? [] : [{ path: "www/healthz", mode: 0o644, body: "ok\n" }]),
  ];
}

/** @returns {readonly TarEntry[]} */
function workerFiles() {
  const main = [
    "#!/bin/sh",
    "trap 'exit 0' TERM INT",
    'echo "worker version $VERSION asks web every second"',
    "while :; do",
    '  echo "web answers: version $(wget -q -T 2 -O - http://web:8081/version || echo none)"',
    "  sleep 1 & wait $!",
    "done",
    "",
  ].join("\n");
  return [{ path: "bin/main", mode: 0o755, body: main }];
}

/** @param {string} version */
function webPage(version) {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="2">
<title>hello ${version}</title>
<style>body{font:1.5rem system-ui;display:grid;place-content:center;min-height:90vh;text-align:center}b{font-size:6rem}</style>
<p>hello from version<br><b>${version}</b></p>
</html>
`;
}
