// What is read to be hashed and printed as docker compose does, and never carried out here: provider, models,
// credential_spec, develop, storage options that the engine alone understands.
import type { ServiceSpec, WatchSpec } from "../../model/index.ts";
import { composeError } from "../errors.ts";
import { checkKeys } from "../keys.ts";
import { asList, asMap, readBoolean, readString, readText, readUnique, sortedRecord } from "../read.ts";
import { childOf, isNull, type Tree } from "../tree.ts";
import { absolutePath } from "../values/path.ts";
import type { FormContext } from "./context.ts";
import { type Fields, oneOf, readFields } from "./fields.ts";
import { readHook } from "./hooks.ts";

type Spec<K extends keyof ServiceSpec> = NonNullable<ServiceSpec[K]>;
type Model = NonNullable<Spec<"models">[string]>;

const WATCH: Fields<WatchSpec> = {
  path: (tree) => absolutePath(readString(tree), tree.from),
  action: oneOf("rebuild", "sync", "restart", "sync+restart", "sync+exec"),
  target: readString,
  exec: readHook,
  include: readUnique,
  ignore: readUnique,
  initial_sync: readBoolean,
};

const CREDENTIALS: Fields<Spec<"credential_spec">> = {
  config: readString,
  file: readString,
  registry: readString,
};

const MODEL: Fields<Model> = { endpoint_var: readString, model_var: readString };

export function readDevelop(tree: Tree, context: FormContext): Spec<"develop"> {
  return readFields<Spec<"develop">>(
    tree,
    { watch: (list) => asList(list).items.map((item) => watchOf(item, context)) },
    context,
  );
}

function watchOf(tree: Tree, context: FormContext): WatchSpec {
  const { path, action, ...rest } = readFields(tree, WATCH, context);
  if (path === undefined || action === undefined) {
    throw composeError(tree.from, "needs a path and an action");
  }
  return { path, action, ...rest };
}

export function readCredentialSpec(tree: Tree, context: FormContext): Spec<"credential_spec"> {
  return readFields(tree, CREDENTIALS, context);
}

/** A list of names, or a mapping with the variables that are to tell the container where the model is. */
export function readModels(tree: Tree, context: FormContext): Spec<"models"> {
  if (tree.kind !== "map") return sortedRecord(readUnique(tree).map((name) => [name, null] as const));
  return sortedRecord(
    [...tree.entries].map(
      ([name, { value }]) => [name, isNull(value) ? null : readFields(value, MODEL, context)] as const,
    ),
  );
}

/** Options may be given once or several times: each is a list. */
export function readProvider(tree: Tree): Spec<"provider"> {
  const map = asMap(tree);
  checkKeys(map, ["type", "options"]);
  const type = childOf(map, "type");
  const options = childOf(map, "options");
  if (type === null) throw composeError(map.from, "a provider needs a type");
  const values = (value: Tree): readonly string[] =>
    value.kind === "list" ? value.items.map(readText) : [readText(value)];
  return {
    type: readString(type),
    ...(options === null
      ? {}
      : {
          options: sortedRecord(
            [...asMap(options).entries].map(([key, entry]) => [key, values(entry.value)] as const),
          ),
        }),
  };
}

/** Texts and whole numbers; anything else is refused as docker compose does. */
export function readStorageOptions(tree: Tree): Readonly<Record<string, string>> {
  return sortedRecord(
    [...asMap(tree).entries].map(([key, { value }]) => {
      if (isNull(value)) return [key, ""] as const;
      const fits =
        value.kind === "scalar" && (typeof value.value === "string" || Number.isInteger(value.value));
      if (!fits) throw composeError(value.from, "must be a text or a whole number", "put it in quotes");
      return [key, readText(value)] as const;
    }),
  );
}
