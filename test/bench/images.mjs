// `make bench-images`: runs the scenario that builds our own images from bases of Debian's packages, and writes what they
// took and how large they are into its part of docs/reference/performance.md.
import { cpus, loadavg } from "node:os";
import { ensureInstalled } from "../../deploy/dev/lib/debian.mjs";
import { debootstrap, emulation, engine } from "../../deploy/dev/lib/packages.mjs";
import { measureScenario } from "./scenario.mjs";

/**
 * @typedef {object} Figures
 * @property {string} arch
 * @property {number} ms  of the build
 * @property {number} healthyMs  from the start of a container to its own word that it is healthy
 * @property {number} bytes
 * @property {number} baseBytes
 * @property {number} packedBytes  as the registry has it
 * @property {number} basePackedBytes
 */

const scenario = "test/scenarios/pipeline/own-images.test.ts";
const wantedBytes = 3e6;

ensureInstalled([...engine, ...emulation, ...debootstrap, "docker-registry", "nginx"], "the images");
const [load = 0] = loadavg();
measureScenario({ scenario, variable: "IMAGE_FIGURES", section: "images", text: sectionText });

/** @param {readonly Figures[]} figures */
function sectionText(figures) {
  const most = Math.max(...figures.map(({ bytes, baseBytes }) => bytes - baseBytes));
  return `## Boardhand's own images

Made by \`make bench-images\`: built by \`boardhand build\`, as many at a time as there are CPUs, from bases of Debian's packages with Node
inside, which a local registry has; ARM under emulation. The builder is BuildKit of Docker 20.10; its time is with the pull of the
base and one run of the program. *Healthy* is from \`docker run\` to the health check's own word, asked every 2 s here.
${cpus().length} CPUs; the load before it was ${load.toFixed(1)}.

| | build | healthy after | image | its base | on top | sent | of it on top |
| --- | --- | --- | --- | --- | --- | --- | --- |
${figures.map(rowText).join("\n")}

Wanted: at most ${mb(wantedBytes)} on top of a base with Node; reached: ${mb(most)}. *Sent* is compressed, as the registry has it.
`;
}

/** @param {Figures} figures */
function rowText({ arch, ms, healthyMs, bytes, baseBytes, packedBytes, basePackedBytes }) {
  const sizes = [bytes, baseBytes, bytes - baseBytes, packedBytes, packedBytes - basePackedBytes];
  return `| ${[arch, seconds(ms), seconds(healthyMs), ...sizes.map(mb)].join(" | ")} |`;
}

/** @param {number} ms */
function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** @param {number} bytes */
function mb(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
