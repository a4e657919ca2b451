// Builds the tree with positions from parser events: anchors, aliases and merge keys resolved, everything bounded.
// Refuses duplicate keys, keys that are not strings, unknown aliases, unknown core tags and trees that grow by aliases.
import {
  COLLECTION_STYLE,
  EVENT_ID,
  type Event,
  getScalarValue,
  SCALAR_STYLE,
  type ScalarEvent,
} from "js-yaml";
import type { YamlEntry, YamlNode, YamlPosition } from "../../core/model/index.ts";
import { type Source, yamlError } from "./place.ts";
import { isTimestamp, resolvePlain, resolveTagged } from "./scalar.ts";

/** Values in one stream once every alias is expanded. */
const MAX_VALUES = 200_000;
/** Characters in one stream once every alias is expanded. */
const MAX_CHARACTERS = 16 * 1024 * 1024;
/** Nesting once every alias is expanded. */
export const MAX_DEPTH = 100;
/** Given to an unquoted date, so that whoever has no use for dates can refuse it. */
const TIMESTAMP_TAG = "!!timestamp";
const CORE_TAG = /^(?:!!|!<tag:yaml\.org,2002:)([a-z]+)>?$/;

interface Built {
  readonly node: YamlNode;
  /** Nodes in the expanded tree, itself included. */
  readonly size: number;
  /** Characters of its texts and keys, aliases expanded. */
  readonly characters: number;
  readonly depth: number;
  readonly plain: boolean;
}

interface Cursor {
  readonly source: Source;
  readonly events: readonly Event[];
  index: number;
  /** Where the last thing that has a place stood; empty values take it over. */
  last: YamlPosition;
  anchors: Map<string, Built>;
  values: number;
  characters: number;
}

/** One tree per document; empty documents are null scalars. */
export function composeNodes(events: readonly Event[], source: Source): readonly YamlNode[] {
  const cursor: Cursor = {
    source,
    events,
    index: 0,
    last: { line: 1, column: 1 },
    anchors: new Map(),
    values: 0,
    characters: 0,
  };
  const documents: YamlNode[] = [];
  while (cursor.index < events.length) {
    cursor.index += 1;
    cursor.anchors = new Map();
    if (events[cursor.index]?.type === EVENT_ID.POP) {
      documents.push({ kind: "scalar", value: null, text: "", at: cursor.last, tag: null });
    } else {
      documents.push(compose(cursor).node);
    }
    cursor.index += 1;
  }
  return documents;
}

function compose(cursor: Cursor): Built {
  const event = cursor.events[cursor.index];
  cursor.index += 1;
  if (event === undefined) throw yamlError(cursor.source, cursor.last, "the document ends too early");
  switch (event.type) {
    case EVENT_ID.ALIAS:
      return alias(cursor, event.anchorStart, event.anchorEnd);
    case EVENT_ID.SCALAR:
      return anchored(cursor, event, scalar(cursor, event));
    case EVENT_ID.SEQUENCE:
      cursor.last = cursor.source.at(event.start);
      return anchored(cursor, event, sequence(cursor, tagOf(cursor, event, "seq")));
    case EVENT_ID.MAPPING:
      cursor.last = cursor.source.at(event.start);
      return anchored(cursor, event, mapping(cursor, tagOf(cursor, event, "map"), event.style));
    default:
      throw yamlError(cursor.source, cursor.last, "a value was expected here");
  }
}

function alias(cursor: Cursor, start: number, end: number): Built {
  const name = cursor.source.text.slice(start, end);
  cursor.last = cursor.source.at(start - 1);
  const target = cursor.anchors.get(name);
  if (target === undefined)
    throw yamlError(cursor.source, cursor.last, `the alias *${name} has no anchor before it`);
  count(cursor, target.size, target.characters);
  return target;
}

function anchored(cursor: Cursor, event: { anchorStart: number; anchorEnd: number }, built: Built): Built {
  if (event.anchorStart !== -1) {
    cursor.anchors.set(cursor.source.text.slice(event.anchorStart, event.anchorEnd), built);
  }
  return built;
}

function count(cursor: Cursor, values: number, characters: number): void {
  cursor.values += values;
  cursor.characters += characters;
  if (cursor.characters > MAX_CHARACTERS) {
    throw yamlError(cursor.source, cursor.last, "more than 16 MiB of text, aliases expanded");
  }
  if (cursor.values > MAX_VALUES) {
    throw yamlError(cursor.source, cursor.last, `more than ${MAX_VALUES} values, aliases expanded`);
  }
}

function scalar(cursor: Cursor, event: ScalarEvent): Built {
  const quoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
  if (event.valueStart !== -1) cursor.last = cursor.source.at(event.valueStart - (quoted ? 1 : 0));
  const at = cursor.last;
  const text = scalarText(cursor.source.text, event);
  count(cursor, 1, text.length);
  const one = { size: 1, characters: text.length, depth: 1 };
  const plain = event.style === SCALAR_STYLE.PLAIN && event.tagStart === -1;
  const written = event.tagStart === -1 ? null : cursor.source.text.slice(event.tagStart, event.tagEnd);
  const core = written === null ? null : CORE_TAG.exec(written);
  if (core?.[1] === "merge" && text === "<<") {
    return { node: { kind: "scalar", value: text, text, at, tag: null }, ...one, plain: true };
  }
  if (core !== null) {
    const value = resolveTagged(core[1] ?? "", text);
    if (value === undefined) throw yamlError(cursor.source, at, `this value cannot be read as ${written}`);
    return { node: { kind: "scalar", value, text, at, tag: null }, ...one, plain };
  }
  const value = event.style === SCALAR_STYLE.PLAIN && written !== "!" ? resolvePlain(text) : text;
  const date = written === null && event.style === SCALAR_STYLE.PLAIN && isTimestamp(text);
  const tag = written === "!" ? null : date ? TIMESTAMP_TAG : written;
  return { node: { kind: "scalar", value, text, at, tag }, ...one, plain };
}

/** A block scalar that ends with the file keeps no line break that the file does not have (compose.md 1.5). */
function scalarText(input: string, event: ScalarEvent): string {
  const text = getScalarValue(input, event);
  const block = event.style === SCALAR_STYLE.LITERAL_BLOCK || event.style === SCALAR_STYLE.FOLDED_BLOCK;
  const openEnd = event.valueEnd >= input.length && !/[\r\n]$/.test(input);
  return block && openEnd && text.endsWith("\n") ? text.slice(0, -1) : text;
}

function tagOf(
  cursor: Cursor,
  event: { tagStart: number; tagEnd: number },
  own: "seq" | "map",
): string | null {
  if (event.tagStart === -1) return null;
  const written = cursor.source.text.slice(event.tagStart, event.tagEnd);
  const core = CORE_TAG.exec(written);
  if (core === null) return written === "!" ? null : written;
  if (core[1] !== own) throw yamlError(cursor.source, cursor.last, `${written} does not fit this value`);
  return null;
}

function sequence(cursor: Cursor, tag: string | null): Built {
  count(cursor, 1, 0);
  const at = cursor.last;
  const items: YamlNode[] = [];
  let size = 1;
  let characters = 0;
  let depth = 0;
  while (cursor.events[cursor.index]?.type !== EVENT_ID.POP) {
    const item = compose(cursor);
    items.push(item.node);
    size += item.size;
    characters += item.characters;
    depth = deeper(cursor, depth, item);
  }
  cursor.index += 1;
  return { node: { kind: "sequence", items, at, tag }, size, characters, depth: depth + 1, plain: false };
}

function deeper(cursor: Cursor, depth: number, child: Built): number {
  if (child.depth >= MAX_DEPTH) {
    throw yamlError(cursor.source, cursor.last, `nested deeper than ${MAX_DEPTH} levels, aliases expanded`);
  }
  return Math.max(depth, child.depth);
}

function mapping(cursor: Cursor, tag: string | null, style: number): Built {
  count(cursor, 1, 0);
  const at = cursor.last;
  const own = new Map<string, YamlEntry>();
  const merged = new Map<string, YamlEntry>();
  let hasMerge = false;
  let size = 1;
  let characters = 0;
  let depth = 0;
  while (cursor.events[cursor.index]?.type !== EVENT_ID.POP) {
    const key = compose(cursor);
    const keyAt = cursor.last;
    const name = keyName(cursor, key, keyAt, style);
    if (own.has(name) || (hasMerge && name === "<<" && key.plain)) {
      throw yamlError(
        cursor.source,
        keyAt,
        `the key ${JSON.stringify(name)} is given twice`,
        "remove one of them",
      );
    }
    const value = compose(cursor);
    size += value.size + 1;
    characters += value.characters + name.length;
    depth = deeper(cursor, depth, value);
    if (name === "<<" && key.plain) {
      hasMerge = true;
      mergeInto(cursor, merged, value.node, keyAt);
    } else {
      own.set(name, { key: name, keyAt, value: value.node });
    }
  }
  cursor.index += 1;
  for (const [name, entry] of merged) if (!own.has(name)) own.set(name, entry);
  return {
    node: { kind: "mapping", entries: [...own.values()], at, tag },
    size,
    characters,
    depth: depth + 1,
    plain: false,
  };
}

function keyName(cursor: Cursor, key: Built, at: YamlPosition, style: number): string {
  const { node } = key;
  if (node.kind === "scalar" && typeof node.value === "string" && node.tag !== TIMESTAMP_TAG)
    return node.value;
  const where = style === COLLECTION_STYLE.FLOW ? "in these braces " : "";
  throw yamlError(cursor.source, at, `a key ${where}is not a string`, "put the key in quotes");
}

/** Merge keys: what was merged earlier wins over later, and the mapping's own keys win over both. */
function mergeInto(cursor: Cursor, merged: Map<string, YamlEntry>, node: YamlNode, at: YamlPosition): void {
  const sources = node.kind === "sequence" ? node.items : [node];
  for (const source of sources) {
    if (source.kind !== "mapping") {
      throw yamlError(cursor.source, at, "<< takes a mapping, an alias of one, or a list of these");
    }
    for (const entry of source.entries) if (!merged.has(entry.key)) merged.set(entry.key, entry);
  }
}
