// Every dependency rule must refuse an example of what it is there to refuse; a pattern with a typing error
// refuses nothing and looks just as green.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cruise, type ICruiseResult } from "dependency-cruiser";
import extractConfig from "dependency-cruiser/config-utl/extract-depcruise-config";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "./tree.ts";

/** Rule, file, and the import in it that the rule must refuse. */
const examples: readonly (readonly [rule: string, file: string, refused: string])[] = [
  [
    "no-cycles",
    "src/core/plan/round.ts",
    'import type { Trip } from "./trip.ts"; export type Round = Trip | 0;',
  ],
  ["core-is-pure", "src/core/plan/reads.ts", 'import "node:fs";'],
  [
    "core-is-pure",
    "src/core/plan/asks.ts",
    'import type { Port } from "../../ports/port.ts"; export type A = Port;',
  ],
  ["model-imports-no-sibling", "src/core/model/peeks.ts", 'import "../plan/fine.ts";'],
  ["ports-are-words-only", "src/ports/plans.ts", 'import "../core/plan/fine.ts";'],
  ["reconcile-speaks-through-ports", "src/reconcile/direct.ts", 'import "../adapters/engine/fine.ts";'],
  ["reconcile-speaks-through-ports", "src/self-update/direct.ts", 'import "../reconcile/queue.ts";'],
  ["pipeline-speaks-through-ports", "src/pipeline/direct.ts", 'import "node:child_process";'],
  ["triggers-only-say-look-again", "src/triggers/plans.ts", 'import "../core/plan/fine.ts";'],
  ["triggers-see-the-queue-as-a-type", "src/triggers/queues.ts", 'import "../reconcile/queue.ts";'],
  ["adapters-do-not-know-each-other", "src/adapters/host/asks.ts", 'import "../engine/fine.ts";'],
  [
    "adapters-translate-and-do-not-decide",
    "src/adapters/host/decides.ts",
    'import "../../core/plan/fine.ts";',
  ],
  ["http-shows-and-asks", "src/http/runs.ts", 'import "../reconcile/queue.ts";'],
  ["only-the-wiring-wires", "src/http/wires.ts", 'import "../agent.ts";'],
  ["no-tests-in-the-product", "src/adapters/host/tests.ts", 'import "../../../test/helper.ts";'],
  ["only-declared-packages", "src/http/undeclared.ts", 'import "fast-check";'],
  ["everything-resolves", "src/http/lost.ts", 'import "./nowhere.ts";'],
  ["express-has-one-home", "src/adapters/host/serves.ts", 'import "express";'],
  ["node-cron-has-one-home", "src/triggers/second.ts", 'import "node-cron";'],
  ["dockerode-has-one-home", "src/http/docks.ts", 'import "dockerode";'],
  ["zod-has-one-home", "src/http/checks.ts", 'import "zod";'],
  ["ajv-has-one-home", "src/core/compose/validates.ts", 'import "ajv";'],
  ["js-yaml-has-one-home", "src/http/parses.ts", 'import "js-yaml";'],
  ["systeminformation-has-one-home", "src/http/measures.ts", 'import "systeminformation";'],
  ["pino-has-one-home", "src/http/logs.ts", 'import "pino";'],
  ["pino-pretty-has-one-home", "src/http/prints.ts", 'import "pino-pretty";'],
  ["cli-progress-has-one-home", "src/http/progress.ts", 'import "cli-progress";'],
  ["an-adapter-has-one-package", "src/adapters/files/second.ts", 'import "zod";'],
  ["adapter-engine-has-its-own-package", "src/adapters/engine/second.ts", 'import "zod";'],
  ["adapter-config-has-its-own-package", "src/adapters/config/second.ts", 'import "dockerode";'],
  ["adapter-yaml-has-its-own-package", "src/adapters/yaml/second.ts", 'import "zod";'],
  ["adapter-host-has-its-own-package", "src/adapters/host/second.ts", 'import "zod";'],
  ["adapter-log-has-its-own-package", "src/adapters/log/second.ts", 'import "zod";'],
  ["adapter-schema-has-its-own-package", "src/adapters/schema/second.ts", 'import "zod";'],
];

/** What the examples import, and imports that no rule may refuse. */
const allowed: Readonly<Record<string, string>> = {
  "src/core/plan/fine.ts":
    'import { createHash } from "node:crypto"; import "../model/word.ts"; export const h = createHash;',
  "src/core/model/word.ts": "export type Word = string;",
  "src/core/plan/trip.ts": 'import type { Round } from "./round.ts"; export type Trip = Round | 1;',
  "src/ports/port.ts": 'import type { Word } from "../core/model/word.ts"; export type Port = Word;',
  "src/reconcile/queue.ts": 'import "node:timers/promises"; export type Queue = string;',
  "src/triggers/schedule.ts":
    'import "node-cron"; import type { Queue } from "../reconcile/queue.ts"; export type Q = Queue;',
  "src/adapters/engine/fine.ts":
    'import "dockerode"; import type { Port } from "../../ports/port.ts"; export type P = Port;',
  "src/http/app.ts": 'import "express"; import "node:http";',
  "src/agent.ts": 'import "./reconcile/queue.ts"; import "./adapters/engine/fine.ts";',
  "test/helper.ts": "export const help = 1;",
};

describe("dependency rules", () => {
  const tree = mkdtempSync(join(tmpdir(), "boardhand-rules-"));
  let found: readonly { rule: string; from: string }[] = [];
  let names: readonly string[] = [];

  beforeAll(async () => {
    for (const [, file, text] of examples) write(file, text);
    for (const [file, text] of Object.entries(allowed)) write(file, text);
    for (const name of ["node_modules", "package.json", "tsconfig.json"])
      symlinkSync(join(root, name), join(tree, name));
    const rules = await extractConfig(join(root, ".dependency-cruiser.cjs"));
    names = (rules.forbidden ?? []).map(({ name }) => name ?? "");
    const { output } = await cruise(["src"], {
      ...rules.options,
      baseDir: tree,
      ruleSet: { forbidden: rules.forbidden ?? [] },
      validate: true,
    });
    found = (output as ICruiseResult).summary.violations.map(({ rule, from }) => ({ rule: rule.name, from }));
  }, 60_000);

  afterAll(() => rmSync(tree, { recursive: true, force: true }));

  function write(file: string, text: string): void {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    writeFileSync(join(tree, file), `${text}\n`);
  }

  test.each(examples)("%s must refuse the example in %s", (rule, file) => {
    expect(found).toContainEqual({ rule, from: file });
  });

  test("what is allowed must not be refused", () => {
    const refused = found.filter(({ from, rule }) => from in allowed && rule !== "no-cycles");
    expect(refused).toEqual([]);
  });

  test("every rule must have an example", () => {
    expect(names.filter((name) => !examples.some(([rule]) => rule === name))).toEqual([]);
  });

  test("a run that looks at no file must fail", () => {
    const empty = spawnSync(process.execPath, ["test/architecture/run-cruiser.mjs", "config"], { cwd: root });
    expect(empty.status).toBe(1);
  }, 60_000);
});
