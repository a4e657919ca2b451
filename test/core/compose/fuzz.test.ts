// Compose files that were made worse at random: each must load or be refused with a BoardhandError, soon. `make fuzz` runs
// many, `FUZZ_RUNS=` says how many, `SEED=` which; `SEED=1 ONLY=42` runs the 42nd of them alone.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { composeModel, printJson } from "../../../src/core/compose/index.ts";
import { BoardhandError } from "../../../src/core/model/index.ts";
import { type ComposeText, corpusCases, corpusDirectory, loadTexts, textsOf } from "./corpus.ts";
import { mutate, pick, randomFrom } from "./mutate.ts";
import { caseNames } from "./recorded.ts";

interface Seedling {
  readonly texts: readonly ComposeText[];
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  readonly others: Readonly<Record<string, string>>;
}

const runs = Number(process.env.FUZZ_RUNS || 400);
const seed = Number(process.env.SEED || 1);
const only = process.env.ONLY === undefined ? null : Number(process.env.ONLY);
const LIMIT_MS = 1000;
const MAX_FAILURES = 10;

const own = fileURLToPath(new URL("./cases", import.meta.url));
const seedlings = [...ownSeedlings(), ...corpusSeedlings()];

test(`${runs} mutated compose files (SEED=${seed}) must load or be refused, each within a second`, {
  timeout: 7_200_000,
}, () => {
  const from = corpusCases.length > 0 ? `cases and ${corpusDirectory}` : "cases";
  console.info(`${runs} files mutated from the project's own ${from}, SEED=${seed}`);
  const failures: string[] = [];
  const counts = { loaded: 0, refused: 0 };
  const indexes = only === null ? Array.from({ length: runs }, (_, index) => index) : [only];
  for (const index of indexes) {
    const failure = attempt(index, counts);
    if (failure !== null) failures.push(`SEED=${seed} ONLY=${index}: ${failure}`);
    if (failures.length >= MAX_FAILURES) break;
    if ((index + 1) % 5000 === 0) console.info(`${index + 1} done, ${counts.loaded} of them loaded`);
  }
  expect(failures).toEqual([]);
  if (only === null) expect(counts.loaded).toBeGreaterThan(0);
});

/** What is wrong with the answer; null when nothing is. */
function attempt(index: number, counts: { loaded: number; refused: number }): string | null {
  const grown = grow(index);
  const started = performance.now();
  const failure = run(grown, counts);
  if (failure !== null) return failure;
  if (performance.now() - started <= LIMIT_MS) return null;
  // Once may be the machine's doing.
  const again = performance.now();
  run(grown, counts);
  const ms = performance.now() - again;
  return ms > LIMIT_MS ? `took ${Math.round(ms)} ms` : null;
}

function run(grown: Seedling, counts: { loaded: number; refused: number }): string | null {
  try {
    const { project, sections } = loadTexts(grown.texts, grown.directory, grown.env, grown.others);
    printJson(composeModel(project, sections));
    counts.loaded += 1;
    return null;
  } catch (error) {
    counts.refused += 1;
    if (error instanceof BoardhandError) return null;
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

/** Depends on seed and index alone, so that one can be run again without the others. */
function grow(index: number): Seedling {
  const random = randomFrom(seed * 1_000_003 + index);
  const { texts, directory, env, others } = pick(seedlings, random);
  const other = pick(pick(seedlings, random).texts, random).text;
  const victim = Math.floor(random() * texts.length);
  const mutated = texts.map((item, at) =>
    at === victim ? { ...item, text: mutate(item.text, random, other) } : item,
  );
  return { texts: mutated, directory, env, others };
}

function ownSeedlings(): readonly Seedling[] {
  return caseNames().flatMap((name) => {
    const files = readdirSync(join(own, name), { recursive: true, encoding: "utf8" })
      .filter((file) => /\.ya?ml$/.test(file))
      .map((file) => ({ path: `/srv/${name}/${file}`, text: readFileSync(join(own, name, file), "utf8") }));
    const others = Object.fromEntries(files.map(({ path, text }) => [path, text]));
    const [main] = files.filter(({ path }) => path.endsWith("compose.yaml"));
    return main === undefined ? [] : [{ texts: [main], directory: dirname(main.path), env: {}, others }];
  });
}

function corpusSeedlings(): readonly Seedling[] {
  return corpusCases.map((item) => ({
    texts: textsOf(item),
    directory: `/srv/corpus/${item.path}`,
    env: item.env,
    others: {},
  }));
}
