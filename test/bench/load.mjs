// `make bench-load`: how long the built agent takes to read, check, resolve and hash compose files in one process: the
// corpus (`CORPUS=`, default ../shared/corpus), or where there is none the project's own cases.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../../deploy/dev/lib/paths.mjs";

/** @typedef {{ path: string, files: readonly string[], env: Record<string, string> }} Case */

const load = (/** @type {string} */ path) => import(pathToFileURL(join(root, "dist", path)).href);
const { parseYaml } = await load("adapters/yaml/index.js");
const { COMPOSE_SCHEMA_FILE } = await load("assets.js");
const { createSchemaCheck } = await load("adapters/schema/index.js");
const { compileProject, prepareProject } = await load("core/compose/index.js");

const corpus = resolve(root, process.env.CORPUS || "../shared/corpus");
const isThere = existsSync(join(corpus, "expected.json"));
const folder = isThere ? corpus : join(root, "test/core/compose/cases");
const cases = isThere ? corpusCases() : ownCases();
const check = createSchemaCheck(COMPOSE_SCHEMA_FILE);

const before = { time: performance.now(), cpu: process.cpuUsage(), memory: process.memoryUsage().rss };
const counts = { files: 0, services: 0, refused: 0 };
for (const item of cases) measure(item);
const cpu = process.cpuUsage(before.cpu);
const seconds = ((performance.now() - before.time) / 1000).toFixed(2);
const megabytes = (/** @type {number} */ bytes) => `${Math.round(bytes / 1e6)} MB`;
console.log(`${cases.length} projects of ${folder}`);
console.log(
  `  ${counts.files} files, ${counts.services} services hashed, ${counts.refused} projects refused`,
);
console.log(`  ${seconds} s, ${((cpu.user + cpu.system) / 1e6).toFixed(2)} s of processor`);
console.log(`  resident ${megabytes(before.memory)} before, ${megabytes(process.memoryUsage().rss)} after`);

/** @returns {readonly Case[]} */
function corpusCases() {
  return JSON.parse(readFileSync(join(corpus, "expected.json"), "utf8")).cases;
}

/** @returns {readonly Case[]} */
function ownCases() {
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return names
    .filter(({ name }) => existsSync(join(folder, name, "compose.yaml")))
    .map(({ name }) => ({ path: name, files: ["compose.yaml"], env: {} }));
}

/** @param {Case} item */
function measure({ path, files, env }) {
  const directory = `/srv/corpus/${path}`;
  try {
    const documents = files.map((name) => {
      counts.files += 1;
      const file = `${directory}/${name}`;
      return { path: file, documents: parseYaml(readFileSync(join(folder, path, name), "utf8"), file) };
    });
    const environment = new Map(Object.entries(env));
    const wish = {
      parse: parseYaml,
      files: documents,
      directory,
      name: "corpus",
      environment,
      profiles: ["*"],
    };
    const work = prepareProject({ ...wish, environmentFiles: [], schema: { check, lenient: false } });
    let step = work.next();
    while (!step.done) step = work.next(null);
    const texts = step.value.envFiles.map((/** @type {{ path: string }} */ file) => [file.path, ""]);
    counts.services += compileProject(step.value, new Map(texts)).project.services.length;
  } catch {
    counts.refused += 1;
  }
}
