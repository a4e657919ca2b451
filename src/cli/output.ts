// What commands print: tables, JSON and errors. Text from outside cannot move the cursor or forge a row.
import { asBoardhandError } from "../core/model/index.ts";

export interface Colours {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
}

/** Colours for a stream: none unless it is a terminal that takes them and NO_COLOR is unset or empty. */
export function coloursFor(
  stream: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>>,
): Colours {
  const on = stream.isTTY === true && (environment.NO_COLOR ?? "") === "" && environment.TERM !== "dumb";
  const paint = (start: number, end: number) => (text: string) =>
    on ? `\u001b[${start}m${text}\u001b[${end}m` : text;
  return {
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
  };
}

/** Control characters and line breaks become spaces. */
export function oneLine(text: string): string {
  return text
    .replace(/\p{Cc}\[[0-9;?]*[A-Za-z]/gu, "")
    .replace(/\p{Cc}+/gu, " ")
    .trim();
}

/** Left-aligned columns under their names, two spaces apart, no trailing spaces; ends with a line end. */
export function formatTable(
  names: readonly string[],
  rows: readonly (readonly string[])[],
  colours: Colours,
): string {
  const cells = [names, ...rows].map((row) => names.map((_, index) => oneLine(row[index] ?? "")));
  const widths = names.map((_, index) => Math.max(...cells.map((row) => width(row[index] ?? ""))));
  const lines = cells.map((row) =>
    row
      .map((cell, index) => cell + " ".repeat((widths[index] ?? 0) - width(cell)))
      .join("  ")
      .trimEnd(),
  );
  return `${lines.map((line, index) => (index === 0 ? colours.bold(line) : line)).join("\n")}\n`;
}

/** Indented, with a line end; big integers as text. */
export function formatJson(value: unknown): string {
  return `${JSON.stringify(value, (_, item: unknown) => (typeof item === "bigint" ? String(item) : item), 2)}\n`;
}

/** Message, hint and code for people, or `{error: {code, message, hint}}` as the HTTP API gives it. */
export function formatError(
  error: unknown,
  how: { readonly json: boolean; readonly colours: Colours },
): string {
  const { code, message, hint } = asBoardhandError(error, "E_ABORTED");
  if (how.json) return formatJson({ error: { code, message, hint } });
  const lines = message.split("\n").map(oneLine);
  const { red, dim } = how.colours;
  const more = lines.slice(1).map((line) => `       ${line}`);
  return [
    `${red("error:")} ${lines[0] ?? ""}`,
    ...more,
    ...(hint === null ? [] : [`${dim("hint:")}  ${oneLine(hint)}`]),
    `${dim("code:")}  ${code}`,
    "",
  ].join("\n");
}

/** Terminal cells, near enough: code points, wide ones as two. */
function width(text: string): number {
  let cells = 0;
  for (const character of text)
    cells += /\p{Extended_Pictographic}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uff00-\uff60]/u.test(
      character,
    )
      ? 2
      : 1;
  return cells;
}
