// Commands around the life of a container: `post_start` and `pre_stop` (compose.md 2), in the order they are written.
import type { HookSpec } from "../../model/index.ts";
import { keysOf } from "../attributes/index.ts";
import { composeError } from "../errors.ts";
import { checkKeys } from "../keys.ts";
import { asList, asMap, readBoolean, readString } from "../read.ts";
import { childOf, type Tree } from "../tree.ts";
import type { FormContext } from "./context.ts";
import { readCommand, readEnvironment } from "./small.ts";

const KEYS = keysOf("services.*.post_start[]");

/** Hooks of one service; more is a mistake, and each may take its whole time limit. */
const MAX_HOOKS = 100;

export function readHooks(tree: Tree, context: FormContext): readonly HookSpec[] {
  const { items } = asList(tree);
  if (items.length > MAX_HOOKS) throw composeError(tree.from, `more than ${MAX_HOOKS} hooks`);
  return items.map((item) => readHook(item, context));
}

/** A command that is written but empty is kept: compose hashes it, and the engine refuses it. */
export function readHook(tree: Tree, context: FormContext): HookSpec {
  const map = asMap(tree);
  checkKeys(map, KEYS);
  if (!map.entries.has("command")) throw composeError(map.from, "a hook needs a command");
  const command = childOf(map, "command");
  const privileged = childOf(map, "privileged");
  const environment = childOf(map, "environment");
  const texts = (["user", "working_dir"] as const).flatMap((key) => {
    const child = childOf(map, key);
    return child === null ? [] : [[key, readString(child)] as const];
  });
  return {
    command: command === null ? null : readCommand(command, context),
    ...Object.fromEntries(texts),
    ...(privileged !== null && readBoolean(privileged) ? { privileged: true } : {}),
    ...(environment === null ? {} : { environment: readEnvironment(environment) }),
  };
}
