// Reads YAML text into a tree with positions; the only place that knows js-yaml. Refuses what is too large or too deep.
import { type Event, parseEvents, YAMLException } from "js-yaml";
import { BoardhandError, type ParseYaml } from "../../core/model/index.ts";
import { composeNodes, MAX_DEPTH } from "./compose-nodes.ts";
import { createSource, type Source, type YamlErrorCode, yamlError } from "./place.ts";

export { formatYaml } from "./format.ts";

/** Bytes of one YAML file. */
const MAX_BYTES = 4 * 1024 * 1024;
/** Closing brackets that are moved before the parser's own complaint counts. */
const MAX_BRACKET_REPAIRS = 16;

/** A parser whose errors carry `code`; scalars are typed by compose.md 1.5. */
export function yamlParser(code: YamlErrorCode): ParseYaml {
  return (text, file) => {
    if (Buffer.byteLength(text) > MAX_BYTES) {
      throw yamlError({ file, code }, { line: 1, column: 1 }, `larger than ${MAX_BYTES / 1024 / 1024} MiB`);
    }
    const parsed = parse(text, file, code, MAX_BRACKET_REPAIRS);
    return composeNodes(parsed.events, parsed.source);
  };
}

/** Parses compose files; throws BoardhandError E_COMPOSE with file, line and column. */
export const parseYaml: ParseYaml = yamlParser("E_COMPOSE");

function parse(
  text: string,
  file: string,
  code: YamlErrorCode,
  repairs: number,
): { readonly events: readonly Event[]; readonly source: Source } {
  const source = createSource(text, file, code);
  try {
    return { events: parseEvents(text, { filename: file, maxDepth: MAX_DEPTH }), source };
  } catch (error) {
    const repaired = repairs > 0 ? indentBracket(text, error) : null;
    if (repaired !== null) return parse(repaired, file, code, repairs - 1);
    throw asYamlError(error, source);
  }
}

/**
 * js-yaml wants a closing bracket indented more than the key; docker compose does not, and such files exist.
 * One space more changes no value: white space before a closing bracket is insignificant.
 */
function indentBracket(text: string, error: unknown): string | null {
  if (!(error instanceof YAMLException) || error.reason !== "deficient indentation") return null;
  const position = error.mark?.position ?? -1;
  if (text[position] !== "]" && text[position] !== "}") return null;
  return `${text.slice(0, position)} ${text.slice(position)}`;
}

function asYamlError(error: unknown, source: Source): BoardhandError {
  if (error instanceof YAMLException) {
    const at = source.at(error.mark?.position ?? 0);
    const hint = error.reason.includes("tab characters") ? "indent with spaces" : undefined;
    return yamlError(source, at, `not valid YAML: ${error.reason}`, hint);
  }
  const message = error instanceof Error ? error.message : String(error);
  return new BoardhandError(source.code, `${source.file}: cannot be read as YAML: ${message}`, {
    cause: error,
    data: { file: source.file, line: 1, column: 1, key: null },
  });
}
