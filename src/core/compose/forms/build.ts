// `build` in canonical form, for printing only: it is in no hash, and Boardhand builds nothing.
import type { BuildSpec } from "../../model/index.ts";
import {
  readBoolean,
  readBytes,
  readPairs,
  readString,
  readStrings,
  readText,
  readTexts,
  readUnique,
  readVariables,
  sortedRecord,
} from "../read.ts";
import type { Tree } from "../tree.ts";
import { absolutePath } from "../values/path.ts";
import type { FormContext } from "./context.ts";
import { type Fields, readFields } from "./fields.ts";
import { readConfigRefs } from "./file-refs.ts";
import { readExtraHosts, readUlimits } from "./small.ts";

const BUILD: Fields<BuildSpec> = {
  context: readContext,
  dockerfile: readString,
  dockerfile_inline: readString,
  entitlements: readStrings,
  args: readArguments,
  provenance: readText,
  sbom: readText,
  ssh: readTexts,
  labels: readTexts,
  cache_from: readStrings,
  cache_to: readStrings,
  no_cache: readBoolean,
  additional_contexts: readContexts,
  pull: readBoolean,
  extra_hosts: readExtraHosts,
  isolation: readString,
  network: readString,
  target: readString,
  secrets: readConfigRefs,
  shm_size: readBytes,
  tags: readUnique,
  ulimits: readUlimits,
  platforms: readUnique,
  privileged: readBoolean,
};

/** A text is the context. Where nothing is said, it is the project directory and its `Dockerfile`. */
export function readBuild(tree: Tree, context: FormContext): BuildSpec {
  const build = tree.kind === "scalar" ? { context: readContext(tree) } : readFields(tree, BUILD, context);
  const dockerfile = build.dockerfile_inline === undefined ? { dockerfile: "Dockerfile" } : {};
  return { context: absolutePath(".", tree.from), ...dockerfile, ...build };
}

/** A name without a value is taken from the project's environment, if it is there. */
function readArguments(tree: Tree): Readonly<Record<string, string | null>> {
  return sortedRecord(
    [...readVariables(tree)].map(
      ([key, { value }]) => [key, value ?? tree.from.scope.lookup(key) ?? null] as const,
    ),
  );
}

/** A path on this board, unless it says how to get there: `https://…`, `git@…`, `service:x`. */
function readContext(tree: Tree): string {
  const text = readString(tree);
  return isElsewhere(text) ? text : absolutePath(text, tree.from);
}

function isElsewhere(context: string): boolean {
  return context === "" || /^([a-z][a-z0-9+.-]*:|git@|github\.com\/)/.test(context);
}

function readContexts(tree: Tree): Readonly<Record<string, string>> {
  return sortedRecord(
    [...readPairs(tree)].map(([key, { value }]) => {
      const text = value ?? "";
      return [key, isElsewhere(text) ? text : absolutePath(text, tree.from)] as const;
    }),
  );
}
