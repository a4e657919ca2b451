// One service of the tree → its canonical form: keys checked, values typed, short syntaxes expanded.
import type { ServiceSpec } from "../../model/index.ts";
import { keysOf } from "../attributes/index.ts";
import { composeError, type Origin } from "../errors.ts";
import type { FormContext } from "../forms/context.ts";
import { type EnvFileRequest, readEnvFiles, readLabelFiles } from "../forms/files.ts";
import { checkKeys } from "../keys.ts";
import { asMap } from "../read.ts";
import { childOf, type Tree } from "../tree.ts";
import { readUpdateMode, type UpdateMode } from "./boardhand.ts";
import { EXTENSION } from "./plant.ts";
import { READERS } from "./readers.ts";

/** A service read from the file, before anything outside itself is looked at. */
export interface ServiceDraft {
  readonly name: string;
  readonly from: Origin;
  /** Where each key of it stands, for messages of later stages. */
  readonly keys: ReadonlyMap<string, Origin>;
  /** `environment` and `labels` without the files; nulls are not resolved. */
  readonly spec: ServiceSpec;
  /** Files of variables and files of labels. */
  readonly envFiles: readonly EnvFileRequest[];
  /** Null where the project's own mode counts. */
  readonly update: UpdateMode | null;
}

const KEYS = keysOf("services.*");

/** Throws E_COMPOSE with the place of the first key or value that does not fit. */
export function readService(name: string, tree: Tree, context: FormContext): ServiceDraft {
  const map = asMap(tree);
  checkKeys(map, KEYS);
  const spec: Record<string, unknown> = {};
  for (const [key, read] of Object.entries(READERS)) {
    const child = childOf(map, key);
    if (child !== null) spec[key] = read(child, context);
  }
  const { image, build, provider } = spec;
  if (image !== undefined && build !== undefined) {
    context.warn(
      map.entries.get("build")?.keyFrom ?? map.from,
      "build is ignored: Boardhand deploys the image, it does not build it",
    );
  }
  if (image === undefined && build === undefined && provider === undefined) {
    throw composeError(map.from, "has no image", "name one with image:");
  }
  const envFile = childOf(map, "env_file");
  const labelFile = childOf(map, "label_file");
  const extension = childOf(map, EXTENSION);
  return {
    name,
    from: map.from,
    keys: new Map([...map.entries].map(([key, entry]) => [key, entry.keyFrom])),
    spec: spec as Partial<ServiceSpec> as ServiceSpec,
    envFiles: [
      ...(envFile === null ? [] : readEnvFiles(envFile)),
      ...(labelFile === null ? [] : readLabelFiles(labelFile)),
    ],
    update: extension === null ? null : readUpdateMode(extension),
  };
}
