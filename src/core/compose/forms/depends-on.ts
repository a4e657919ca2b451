// Dependencies written as a list or a mapping (compose.md 1.9).
import type { DependencyCondition, DependencySpec } from "../../model/index.ts";
import { composeError, quote } from "../errors.ts";
import { checkKeys } from "../keys.ts";
import { asMap, readBoolean, readString, readUnique, sortedRecord } from "../read.ts";
import { childOf, type Tree } from "../tree.ts";

const CONDITIONS: readonly DependencyCondition[] = [
  "service_started",
  "service_healthy",
  "service_completed_successfully",
];

/** By service name, sorted. */
export function readDependsOn(tree: Tree): Readonly<Record<string, DependencySpec>> {
  if (tree.kind === "map") {
    return sortedRecord([...tree.entries].map(([name, entry]) => [name, dependency(entry.value)] as const));
  }
  return sortedRecord(
    readUnique(tree).map(
      (name) => [name, { condition: "service_started", restart: false, required: true }] as const,
    ),
  );
}

function dependency(tree: Tree): DependencySpec {
  const map = asMap(tree);
  checkKeys(map, ["condition", "restart", "required"]);
  const condition = childOf(map, "condition");
  const restart = childOf(map, "restart");
  const required = childOf(map, "required");
  return {
    condition: condition === null ? "service_started" : readCondition(condition),
    restart: restart !== null && readBoolean(restart),
    required: required === null || readBoolean(required),
  };
}

function readCondition(tree: Tree): DependencyCondition {
  const text = readString(tree);
  const known = CONDITIONS.find((condition) => condition === text);
  if (known === undefined) {
    throw composeError(tree.from, `${quote(text)} is not a condition`, `use one of ${CONDITIONS.join(", ")}`);
  }
  return known;
}
