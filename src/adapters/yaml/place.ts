// Turns offsets of a text into lines and columns, and makes the one kind of error this folder throws.
import { BoardhandError, type YamlPosition } from "../../core/model/index.ts";

export type YamlErrorCode = "E_COMPOSE" | "E_CONFIG";

export interface Source {
  readonly text: string;
  readonly file: string;
  readonly code: YamlErrorCode;
  at(offset: number): YamlPosition;
}

/** Knows the text's line starts, so that each look-up is a binary search. */
export function createSource(text: string, file: string, code: YamlErrorCode): Source {
  const starts = [0];
  for (let i = text.indexOf("\n"); i !== -1; i = text.indexOf("\n", i + 1)) starts.push(i + 1);
  const at = (offset: number): YamlPosition => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: Math.max(0, offset - (starts[low] ?? 0)) + 1 };
  };
  return { text, file, code, at };
}

/** A parse error with its place in message and data. */
export function yamlError(
  source: Pick<Source, "file" | "code">,
  at: YamlPosition,
  what: string,
  hint?: string,
): BoardhandError {
  return new BoardhandError(source.code, `${source.file}:${at.line}:${at.column}: ${what}`, {
    ...(hint === undefined ? {} : { hint }),
    data: { file: source.file, line: at.line, column: at.column, key: null },
  });
}
