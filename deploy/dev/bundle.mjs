// `make bundle`: the program as boardhand.mjs and the parts of it that only some commands load, boardhand-*.mjs; they need
// nothing but Node, package.json and config/ beside them, for images. Names stay as they are, so that a stack trace from
// a board can be read; only whitespace and syntax are made smaller. Takes the directory to write to, dist/ when left out.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { build } from "esbuild";
import { root } from "./lib/paths.mjs";

/**
 * Never reached, and more than the rest together: dockerode speaks ssh, gRPC and protobuf for ssh:// hosts and build
 * sessions, of which neither the configuration nor the ports have any.
 */
const unusedPackages = /^(ssh2|protobufjs|@grpc\/grpc-js|@grpc\/proto-loader)(\/|$)/;
/** Code pages of the Far East; JSON comes in Unicode, and express refuses what is not. */
const unusedTables = /iconv-lite\/encodings\/dbcs-data\.js$/;

/** @type {import("esbuild").Plugin} */
const withoutUnused = {
  name: "without-unused",
  setup({ onResolve, onLoad }) {
    const empty = { contents: "module.exports = {};" };
    onResolve({ filter: unusedPackages }, ({ path }) => ({ path, namespace: "unused" }));
    onLoad({ filter: /.*/, namespace: "unused" }, () => empty);
    onLoad({ filter: unusedTables }, () => empty);
  },
};

const directory = resolve(process.argv[2] ?? join(root, "dist"));
const program = "boardhand.mjs";
mkdirSync(directory, { recursive: true });
const { metafile, warnings, outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: [{ in: "src/main.ts", out: "boardhand" }],
  outdir: directory,
  outExtension: { ".js": ".mjs" },
  chunkNames: "boardhand-[name]-[hash]",
  write: false,
  bundle: true,
  splitting: true,
  platform: "node",
  target: "node20",
  format: "esm",
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: "none",
  metafile: true,
  plugins: [withoutUnused],
  // The CommonJS packages among the dependencies call it for Node's own modules.
  banner: {
    js: 'import { createRequire as bundleRequire } from "node:module"; const require = bundleRequire(import.meta.url);',
  },
});
if (warnings.length > 0) process.exit(1);
const packages = packagesIn(bundledFiles());
// A part's name is a hash of what it holds, and the program comes after its parts.
const files = outputFiles.map(({ path, contents }) => ({ name: basename(path), contents }));
for (const { name, contents } of files.filter((file) => file.name !== program)) put(name, contents);
for (const { name, contents } of files.filter((file) => file.name === program)) put(name, contents, 0o755);
put("boardhand.LICENSES.txt", packages.map(licenceOf).join(`\n${"-".repeat(80)}\n\n`));
removeOlderParts(new Set(files.map(({ name }) => name)));
const bytes = files.reduce((sum, { contents }) => sum + contents.length, 0);
console.log(
  `${join(directory, program)}: ${bytes} bytes in ${files.length} files, of ${packages.length} packages`,
);

/**
 * Whole or not at all: an image may be built from it at this moment.
 * @param {string} name
 * @param {string | Uint8Array} content
 * @param {number} [mode]
 */
function put(name, content, mode = 0o644) {
  const path = join(directory, name);
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, content, { mode });
  renameSync(fresh, path);
}

/** @param {ReadonlySet<string>} kept  names of this bundle's files */
function removeOlderParts(kept) {
  const parts = readdirSync(directory).filter((name) => /^boardhand-.*\.mjs$/.test(name));
  for (const name of parts.filter((part) => !kept.has(part))) rmSync(join(directory, name));
}

/** Of those that were looked at, the ones of which something is in the bundle. */
function bundledFiles() {
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  return inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path);
}

/**
 * The directories of the packages that files were taken from, each once.
 * @param {readonly string[]} inputs  relative to the root
 */
function packagesIn(inputs) {
  const found = inputs
    .map((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1])
    .filter((path) => path !== undefined);
  return [...new Set(found)].sort();
}

/**
 * Nearly every licence wants its text beside each copy.
 * @param {string} path
 */
function licenceOf(path) {
  const { name, version, license } = JSON.parse(readFileSync(join(root, path, "package.json"), "utf8"));
  if (typeof license !== "string") throw new Error(`${path}/package.json names no licence`);
  const files = readdirSync(join(root, path)).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
  const texts = files
    .map((file) => join(root, path, file))
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, "utf8").trim());
  return [`${name} ${version}, ${license}`, ...texts, ""].join("\n\n");
}
