// The one error of this folder: always with file, line, column and the key it is about.
import { BoardhandError } from "../model/index.ts";

/** Where a value stood and what it is called from the top of the file (`services.web.ports[0]`). */
export interface Origin {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based. */
  readonly column: number;
  readonly path: string;
}

/** E_COMPOSE with `file:line:column: path: what`; never put a value of the environment into `what`. */
export function composeError(from: Origin, what: string, hint?: string): BoardhandError {
  const subject = from.path === "" ? "" : `${from.path}: `;
  return new BoardhandError("E_COMPOSE", `${from.file}:${from.line}:${from.column}: ${subject}${what}`, {
    ...(hint === undefined ? {} : { hint }),
    data: { file: from.file, line: from.line, column: from.column, key: from.path },
  });
}

/** A text of a compose file, short enough for a message. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
