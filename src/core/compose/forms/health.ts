// Health checks (compose.md 1.9): a string is a shell command, a list says itself what it is.
import type { HealthcheckSpec } from "../../model/index.ts";
import { keysOf } from "../attributes/index.ts";
import { composeError } from "../errors.ts";
import { checkKeys } from "../keys.ts";
import { asMap, readBoolean, readDuration, readString, readStrings, readTruncated } from "../read.ts";
import { childOf, type Tree } from "../tree.ts";

const KEYS = keysOf("services.*.healthcheck");
const DURATIONS = ["interval", "timeout", "start_period", "start_interval"] as const;

/** Durations in nanoseconds. */
export function readHealthcheck(tree: Tree): HealthcheckSpec {
  const map = asMap(tree);
  checkKeys(map, KEYS);
  const test = childOf(map, "test");
  const retries = childOf(map, "retries");
  const disable = childOf(map, "disable");
  const times = DURATIONS.flatMap((key) => {
    const child = childOf(map, key);
    return child === null ? [] : [[key, readDuration(child)] as const];
  });
  return {
    ...(test === null ? {} : { test: readTest(test) }),
    ...Object.fromEntries(times),
    ...(retries === null ? {} : { retries: readRetries(retries) }),
    ...(disable === null || !readBoolean(disable) ? {} : { disable: true }),
  };
}

function readRetries(tree: Tree): number {
  const retries = readTruncated(tree);
  if (retries < 0) throw composeError(tree.from, "must not be negative");
  return retries;
}

function readTest(tree: Tree): readonly string[] {
  if (tree.kind === "scalar") return ["CMD-SHELL", readString(tree)];
  const test = readStrings(tree);
  const first = test[0];
  if (first !== undefined && first !== "CMD" && first !== "CMD-SHELL" && first !== "NONE") {
    throw composeError(tree.from, "must begin with CMD, CMD-SHELL or NONE");
  }
  return test;
}
