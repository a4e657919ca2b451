// What the JSON Schema says about each key: which exist, and in what form the environment may override them.
import { jsonSchema } from "./schema.ts";
import type { Path } from "./tree.ts";

export interface Leaf {
  readonly path: readonly string[];
  /** JSON types it may have: `string`, `integer`, `boolean`, `null`, `array`, `object`. */
  readonly types: ReadonlySet<string>;
  readonly form: Form;
}

/** How a value is written as one text: as it is, as texts in a row, as names with texts, as names each with several texts. */
export type Form = "scalar" | "list" | "map" | "mapOfLists";

interface SchemaNode {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly SchemaNode[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly additionalProperties?: SchemaNode | boolean;
}

const SCALARS: readonly string[] = ["string", "integer", "number", "boolean"];

function typesOf(options: readonly SchemaNode[]): ReadonlySet<string> {
  return new Set(options.flatMap(({ type }) => type ?? "string"));
}

function formOf(options: readonly SchemaNode[]): Form {
  const types = typesOf(options);
  if (SCALARS.some((type) => types.has(type))) return "scalar";
  if (types.has("array")) return "list";
  const values = options.flatMap(({ additionalProperties: of }) =>
    typeof of === "object" ? branches(of) : [],
  );
  return typesOf(values).has("array") ? "mapOfLists" : "map";
}

function branches(node: SchemaNode): readonly SchemaNode[] {
  return node.anyOf === undefined ? [node] : node.anyOf.flatMap(branches);
}

/** Every key below which there is no further key, in the order of the schema. */
export function leaves(): readonly Leaf[] {
  const walk = (node: SchemaNode, path: readonly string[]): readonly Leaf[] => {
    const options = branches(node);
    const keyed = options.find((option) => option.properties !== undefined);
    if (keyed?.properties !== undefined) {
      return Object.entries(keyed.properties).flatMap(([key, child]) => walk(child, [...path, key]));
    }
    return [{ path, types: typesOf(options), form: formOf(options) }];
  };
  return walk(jsonSchema() as SchemaNode, []);
}

/** Keys that the mapping at a path of a JSON Schema's documents may have; empty where anything goes. */
export function keysAt(schema: Readonly<Record<string, unknown>>): (path: Path) => readonly string[] {
  return (path) => {
    let node: SchemaNode | undefined = schema as SchemaNode;
    for (const part of path) {
      const options: readonly SchemaNode[] = node === undefined ? [] : branches(node);
      node =
        typeof part === "number"
          ? options.find((option) => option.items !== undefined)?.items
          : options.find((option) => option.properties !== undefined)?.properties?.[part];
    }
    const options = node === undefined ? [] : branches(node);
    return Object.keys(options.find((option) => option.properties !== undefined)?.properties ?? {});
  };
}
