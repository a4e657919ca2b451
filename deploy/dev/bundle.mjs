// `make bundle`: the program as one file that needs nothing but Node, package.json and config/ beside it, for images.
// Names stay as they are, so that a stack trace from a board can be read; only whitespace and syntax are made smaller.
// Takes the directory to write to, which is dist/ when left out.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
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
const outfile = join(directory, "boardhand.mjs");
mkdirSync(directory, { recursive: true });
const { metafile, warnings } = await build({
  absWorkingDir: root,
  entryPoints: ["src/main.ts"],
  outfile,
  bundle: true,
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
writeFileSync(
  join(directory, "boardhand.LICENSES.txt"),
  packages.map(licenceOf).join(`\n${"-".repeat(80)}\n\n`),
);
console.log(`${outfile}: ${readFileSync(outfile).length} bytes, of ${packages.length} packages`);

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
