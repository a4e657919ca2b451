// Real compose files: every one must load, and every hash be docker compose's.
import { expect, test } from "vitest";
import { BoardhandError } from "../../../src/core/model/index.ts";
import { type CorpusCase, corpusCases, corpusDirectory, loadTexts, textsOf } from "./corpus.ts";

const found = corpusCases.length > 0;
const what = found ? `${corpusCases.length} projects of ${corpusDirectory}` : `none in ${corpusDirectory}`;
console.info(`real compose files: ${what} (CORPUS=DIRECTORY names another)`);

test.skipIf(!found)("every real file must load, with the hashes of docker compose", () => {
  const answers = corpusCases.map(compare);
  const services = corpusCases.reduce((sum, item) => sum + Object.keys(item.hashes).length, 0);
  expect(answers.filter((answer) => answer !== null)).toEqual([]);
  expect(services).toBeGreaterThan(corpusCases.length);
});

/** What is wrong with a case; null when nothing is. */
function compare(item: CorpusCase): string | null {
  try {
    const { project } = loadTexts(textsOf(item), `/srv/corpus/${item.path}`, item.env);
    const names = project.services.map((service) => service.name);
    if (names.join() !== Object.keys(item.hashes).sort().join()) return `${item.path}: has ${names.join()}`;
    const other = project.services.filter(
      ({ name, composeHashes }) =>
        item.labelDiffers?.includes(name) !== true && composeHashes[0] !== item.hashes[name],
    );
    return other.length === 0
      ? null
      : `${item.path}: ${other.map(({ name }) => name).join()} hash differently`;
  } catch (error) {
    if (error instanceof BoardhandError) return error.message;
    throw error;
  }
}
