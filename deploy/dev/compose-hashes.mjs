// `make compose-hashes`: asks the real docker compose what each case of test/core/compose/cases means, and writes its
// answers into expected.json there. Downloads the binary when it is not here; needs no engine.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { debianArchitecture, unpackForeign } from "./lib/debian.mjs";
import { giveUp, packageCache, root } from "./lib/paths.mjs";

/**
 * How a case is run; everything may be left out. Paths count from the case's folder.
 * @typedef {object} Case
 * @property {readonly string[]} [files]  `-f`
 * @property {readonly string[]} [envFiles]  `--env-file`
 * @property {readonly string[]} [profiles]  `--profile`
 * @property {string} [projectDirectory]  `--project-directory`
 * @property {Readonly<Record<string, string>>} [environment]  beside HOME the only variables there are
 */

/** @typedef {{ config: object, hashes: Record<string, string> } | { error: string }} Answer */

const wantedVersion = "2.40.3";
const casesDirectory = join(root, "test/core/compose/cases");
const expectedFile = join(casesDirectory, "expected.json");
/** Absolute paths are part of the answers, so that the cases must lie in the same place on every machine. */
const stage = "/tmp/boardhand-cases";
const home = "/srv/user";

const compose = process.env.BOARDHAND_TEST_COMPOSE || downloaded();
const version = spawnSync(compose, ["version", "--short"], { encoding: "utf8" })
  .stdout.trim()
  .split(/[+-]/)[0];
if (version !== wantedVersion)
  giveUp(`${compose} is ${version}; the cases are recorded from ${wantedVersion}.`, 1);
if (existsSync(stage)) giveUp(`${stage} is there already; remove it and try again.`, 1);

/** @type {Record<string, Answer>} */
const cases = {};
mkdirSync(stage);
try {
  const names = readdirSync(casesDirectory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name } of names.sort((a, b) => (a.name < b.name ? -1 : 1))) cases[name] = record(name);
} finally {
  rmSync(stage, { recursive: true });
}
writeFileSync(expectedFile, `${JSON.stringify({ compose: version, stage, home, cases }, null, 1)}\n`);
const refused = Object.values(cases).filter((answer) => "error" in answer).length;
console.log(
  `${Object.keys(cases).length} cases recorded from docker compose ${version}, ${refused} of them refused`,
);

/** Debian sid's, kept where `make bench` keeps it. */
function downloaded() {
  const directory = join(packageCache, "compose-sid");
  const architecture = debianArchitecture();
  unpackForeign({ suite: "sid", architecture, packages: ["docker-compose"], directory });
  return join(directory, "usr/libexec/docker/cli-plugins/docker-compose");
}

/**
 * @param {string} name
 * @returns {Answer}
 */
function record(name) {
  const directory = join(stage, name);
  cpSync(join(casesDirectory, name), directory, { recursive: true });
  /** @type {Case} */
  const wish = existsSync(join(directory, "case.json"))
    ? JSON.parse(readFileSync(join(directory, "case.json"), "utf8"))
    : {};
  const config = ask(name, wish, ["config", "--format", "json"]);
  if (config.status !== 0) return { error: lastLine(config.stderr) };
  // The label of a container is made from the model with its environment files read in, `config --hash` from the one
  // without: asked again with the finished model as its file, it tells the label's.
  const model = readsFiles(directory) ? config.stdout : undefined;
  const hashes = ask(name, wish, ["config", "--hash", "*"], model);
  if (hashes.status !== 0) throw new Error(`${name}: ${hashes.stderr}`);
  return { config: JSON.parse(config.stdout), hashes: table(hashes.stdout) };
}

/**
 * Whether a compose file below has services with environment or label files.
 * @param {string} directory
 */
function readsFiles(directory) {
  const files = readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.ya?ml$/.test(name),
  );
  return files.some((name) => /(env|label)_file:/.test(readFileSync(join(directory, name), "utf8")));
}

/**
 * @param {string} name
 * @param {Case} wish
 * @param {readonly string[]} command
 * @param {string} [model]  on standard input, instead of the case's own files
 */
function ask(name, wish, command, model) {
  const option = (/** @type {string} */ flag, /** @type {readonly string[]} */ values) =>
    values.flatMap((value) => [flag, value]);
  const args = [
    ...option("-f", model === undefined ? (wish.files ?? []) : ["-"]),
    ...option("--env-file", wish.envFiles ?? []),
    ...option("--profile", model === undefined ? (wish.profiles ?? []) : ["*"]),
    ...option("--project-directory", wish.projectDirectory === undefined ? [] : [wish.projectDirectory]),
    ...command,
  ];
  const env = { PATH: process.env.PATH, HOME: home, ...(model === undefined ? wish.environment : {}) };
  return spawnSync(compose, args, {
    cwd: join(stage, name),
    encoding: "utf8",
    env,
    ...(model === undefined ? {} : { input: model }),
    maxBuffer: 1 << 26,
  });
}

/** @param {string} text */
function table(text) {
  return Object.fromEntries(
    text
      .trim()
      .split("\n")
      .filter(Boolean)
      .map((line) => line.split(" ")),
  );
}

/** @param {string} text */
function lastLine(text) {
  return (
    text
      .trim()
      .split("\n")
      .at(-1)
      ?.replace(/^time="[^"]*" level=\w+ msg=/, "") ?? ""
  );
}
