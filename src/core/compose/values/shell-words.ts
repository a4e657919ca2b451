// Splits a command string as docker compose does: quotes and backslashes, no variables, cut at an unquoted `; & | < >`.

export interface ShellWords {
  readonly words: readonly string[];
  /** The unquoted operator that ended the command early, else null. */
  readonly cutAt: string | null;
}

interface Scan {
  readonly words: string[];
  buffer: string;
  started: boolean;
  quote: "" | "'" | '"' | "`" | "$(";
}

/** Null when a quote, a backslash or a parenthesis is left open. */
export function splitShellWords(line: string): ShellWords | null {
  const scan: Scan = { words: [], buffer: "", started: false, quote: "" };
  let cutAt: string | null = null;
  for (let index = 0; index < line.length; index += 1) {
    const character = line[index] ?? "";
    if (character === "\\" && scan.quote !== "'") {
      index += 1;
      const escaped = line[index];
      if (escaped === undefined) return null;
      append(scan, escaped);
    } else if (scan.quote === "" && /[;&|<>]/.test(character)) {
      if (character === ">" && /^[0-9]/.test(scan.buffer)) scan.started = false;
      cutAt = character;
      break;
    } else if (!step(scan, character)) {
      return null;
    }
  }
  if (scan.started) scan.words.push(scan.buffer);
  return scan.quote === "" ? { words: scan.words, cutAt } : null;
}

/** False when the character cannot stand here. */
function step(scan: Scan, character: string): boolean {
  if (scan.quote === "") return unquoted(scan, character);
  const closing = scan.quote === "$(" ? ")" : scan.quote;
  if (character !== closing) {
    append(scan, character);
    return true;
  }
  const kept = scan.quote === "`" || scan.quote === "$(";
  scan.quote = "";
  append(scan, kept ? character : "");
  return true;
}

function unquoted(scan: Scan, character: string): boolean {
  if (/[ \t\r\n]/.test(character)) {
    if (scan.started) scan.words.push(scan.buffer);
    scan.buffer = "";
    scan.started = false;
    return true;
  }
  if (character === "'" || character === '"') {
    scan.quote = character;
    return true;
  }
  if (character === ")" || (character === "(" && !scan.buffer.endsWith("$"))) return false;
  if (character === "(") scan.quote = "$(";
  if (character === "`") scan.quote = "`";
  append(scan, character);
  return true;
}

function append(scan: Scan, text: string): void {
  scan.buffer += text;
  scan.started = true;
}
