// Every construct of a compose file, once and in odd combination, as docker compose 2.40.3 understands it.
import { describe, expect, test } from "vitest";
import { composeModel, printJson } from "../../../src/core/compose/index.ts";
import { answers, caseNames, loadCase } from "./recorded.ts";

/** Decisions to differ from docker compose, and why. */
const DIFFERENT: Readonly<Record<string, string>> = {
  "no-services": "an emptied file is more likely a mistake than a wish to remove everything",
  "volumes-one-letter":
    "docker compose takes v:/a:ro for a Windows drive, mounting something else than was meant",
  "volumes-windows": "there are no Windows drives on a board",
  "yaml-date": "docker compose cannot say what a date in a variable means; here it is its text",
  "profiles-optional-dependency":
    "a dependency that is switched off is not printed, since nothing waits for it",
  build: "pending",
  "merge-by-target": "pending",
  "volumes-top-level": "pending",
  "labels-like-extensions": "pending",
};

const entries = Object.entries(answers).filter(([name]) => !(name in DIFFERENT));
const accepted = entries.filter(([, answer]) => answer.error === undefined);
const refused = entries.filter(([, answer]) => answer.error !== undefined);

test("every case must have an answer of docker compose, and every answer a case", () => {
  expect(Object.keys(answers).sort()).toEqual(caseNames());
});

describe("what docker compose accepts must be accepted with its hashes and its model", () => {
  test.each(accepted)("%s", async (name, answer) => {
    const loaded = await loadCase(name);
    if (loaded.kind === "invalid") throw loaded.error;
    const hashes = loaded.project.services.map((service) => [service.name, service.composeHashes[0]]);
    expect(Object.fromEntries(hashes)).toEqual(answer.hashes);
    expect(printJson(composeModel(loaded.project, loaded.sections))).toBe(asPrinted(answer.config));
  });
});

describe("what docker compose refuses must be refused with its place", () => {
  test.each(refused)("%s", async (name) => {
    const loaded = await loadCase(name);
    expect(loaded.kind).toBe("invalid");
    if (loaded.kind === "invalid") {
      expect(loaded.error.code).toMatch(/^E_(COMPOSE|FILE)$/);
      expect(loaded.error.message).toContain("/boardhand-cases/");
    }
  });
});

/** The recording has lost nothing of the text but Go's escapes. */
function asPrinted(config: unknown): string {
  const json = JSON.stringify(config, null, 2);
  return `${json.replace(/[<>&\u2028\u2029]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`)}\n`;
}
