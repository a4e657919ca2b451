// Health checks (compose.md 1.9): a string is a shell command, a list says itself what it is.
import type { HealthcheckSpec } from "../../model/index.ts";
import { composeError } from "../errors.ts";
import { checkKeys } from "../keys.ts";
import { asMap, readBoolean, readDuration, readInteger, readString, readStrings } from "../read.ts";
import { childOf, type Tree } from "../tree.ts";

const DURATIONS = ["interval", "timeout", "start_period", "start_interval"] as const;

/** Durations in nanoseconds. */
export function readHealthcheck(tree: Tree): HealthcheckSpec {
  const map = asMap(tree);
  checkKeys(map, ["test", "retries", "disable", ...DURATIONS]);
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
    ...(retries === null ? {} : { retries: readInteger(retries) }),
    ...(disable === null || !readBoolean(disable) ? {} : { disable: true }),
  };
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
