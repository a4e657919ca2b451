import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { AGENT, BOARDHAND, COMPOSE } from "../../../src/core/model/index.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../../docs/reference/labels.md"), "utf8");

it("every label must be on its page, and no other", () => {
  const described = [...PAGE.matchAll(/^\| `([^`]+)` \|/gm)].map(([, label]) => label);
  expect(described.sort()).toEqual(
    [COMPOSE, BOARDHAND, AGENT].flatMap((labels) => Object.values(labels)).sort(),
  );
});
