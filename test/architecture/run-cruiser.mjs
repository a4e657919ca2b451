// Runs the dependency rules, and fails when they were not applied to every file of src: a cruiser that finds no
// file (TypeScript newer than it knows, a wrong folder) reports no violation either.
import { readdirSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { cruise } from "dependency-cruiser";
import extractConfig from "dependency-cruiser/config-utl/extract-depcruise-config";
import extractTsConfig from "dependency-cruiser/config-utl/extract-ts-config";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const folder = process.argv[2] ?? "src";
process.chdir(root);

const rules = await extractConfig(join(root, ".dependency-cruiser.cjs"));
const { output } = await cruise(
  [folder],
  { ...rules.options, ruleSet: { forbidden: rules.forbidden ?? [] }, validate: true },
  {},
  { tsConfig: extractTsConfig(join(root, "tsconfig.json")) },
);
if (typeof output === "string") throw new Error("the cruiser answered in text");

const cruised = new Set(output.modules.map(({ source }) => source));
const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
  .map((entry) => relative(root, join(entry.parentPath, entry.name)));
const unseen = files.filter((file) => !cruised.has(file));

for (const { rule, from, to } of output.summary.violations) {
  const comment = rules.forbidden?.find(({ name }) => name === rule.name)?.comment ?? "";
  console.error(`${rule.name}: ${from} -> ${to}\n    ${comment}`);
}
for (const file of unseen) console.error(`not looked at: ${file}`);
console.log(`${files.length} files, ${cruised.size} modules, ${output.summary.violations.length} violations`);
process.exitCode = output.summary.violations.length > 0 || unseen.length > 0 || files.length === 0 ? 1 : 0;
