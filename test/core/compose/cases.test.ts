// Every construct of a compose file, once and in odd combination, as docker compose 2.40.3 understands it.
import { describe, expect, test } from "vitest";
import { composeModel, printedHash, printJson } from "../../../src/core/compose/index.ts";
import { type Answer, answers, caseNames, loadCase } from "./recorded.ts";

/** Refused on purpose, and why. */
const REFUSED = new Map([
  ["no-services", "an emptied file is more likely a mistake than a wish to remove everything"],
  ["volumes-one-letter", "docker compose takes v:/a for a Windows drive, and mounts what was not meant"],
  ["volumes-windows", "there are no Windows drives on a board"],
]);

/** Understood otherwise on purpose, and why. */
const OTHERWISE = new Map([
  [
    "profiles-optional-dependency",
    "nothing waits for what is switched off, so it is not printed; hashes agree",
  ],
  ["labels-like-extensions", "docker compose makes one garbled label of labels that begin with x-"],
]);

const all = Object.entries(answers);
const isRefused = ([name, answer]: readonly [string, Answer]): boolean =>
  answer.error !== undefined || REFUSED.has(name);

test("every case must have an answer of docker compose, and every answer a case", () => {
  expect(Object.keys(answers).sort()).toEqual(caseNames());
  expect([...REFUSED.keys(), ...OTHERWISE.keys()].every((name) => name in answers)).toBe(true);
});

describe("what docker compose accepts must be accepted with its hashes and its model", () => {
  const accepted = all.filter((entry) => !isRefused(entry) && !OTHERWISE.has(entry[0]));
  test.each(accepted)("%s", async (name, answer) => {
    const { hashes, printed } = await answerOf(name);
    expect(hashes).toEqual(answer.hashes);
    expect(printed).toBe(asPrinted(answer.config));
  });
});

test("a dependency that is switched off must not change a hash", async () => {
  const { hashes } = await answerOf("profiles-optional-dependency");
  expect(hashes).toEqual(answers["profiles-optional-dependency"]?.hashes);
});

test("a label that begins with x- must stay a label", async () => {
  const { printed } = await answerOf("labels-like-extensions");
  expect(JSON.parse(printed).services.web.labels).toEqual({ "x-label": "kept" });
});

describe("what docker compose refuses must be refused with its place", () => {
  test.each(all.filter(isRefused))("%s", async (name) => {
    const loaded = await loadCase(name);
    expect(loaded.kind).toBe("invalid");
    if (loaded.kind === "invalid") {
      expect(loaded.error.code).toMatch(/^E_(COMPOSE|FILE)$/);
      expect(loaded.error.message).toContain(`/boardhand-cases/${name}`);
    }
  });
});

async function answerOf(
  name: string,
): Promise<{ readonly hashes: Readonly<Record<string, string>>; readonly printed: string }> {
  const loaded = await loadCase(name);
  if (loaded.kind === "invalid") throw loaded.error;
  const hashes = loaded.project.services.map(
    (service) => [service.name, printedHash(service.spec) ?? ""] as const,
  );
  return {
    hashes: Object.fromEntries(hashes),
    printed: printJson(composeModel(loaded.project, loaded.sections)),
  };
}

/** The recording has lost nothing of the text but Go's escapes. */
function asPrinted(config: unknown): string {
  const json = JSON.stringify(config, null, 2);
  return `${json.replace(/[<>&\u2028\u2029]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`)}\n`;
}
