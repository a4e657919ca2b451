// Finds the FROM instructions of a Dockerfile and where their words are, as BuildKit's parser reads it (moby/buildkit,
// frontend/dockerfile/parser): directives, comments, continued lines, here-documents. Everything else is skipped.
import { BoardhandError } from "../../core/model/index.ts";

/** A word and where it begins in the text. */
export interface Word {
  readonly text: string;
  readonly start: number;
}

export interface FromInstruction {
  /** 1 for the first. */
  readonly line: number;
  readonly flags: readonly Word[];
  readonly image: Word;
  /** In lower case, as stages are compared; null without AS. */
  readonly stage: string | null;
}

export interface DockerfileOutline {
  readonly froms: readonly FromInstruction[];
  /** Defaults of ARG before the first FROM, which FROM may use. */
  readonly args: Readonly<Record<string, string>>;
}

interface Line {
  readonly text: string;
  readonly start: number;
  readonly number: number;
}

interface Instruction {
  readonly line: number;
  readonly words: readonly Word[];
}

/** Throws BoardhandError E_BUILD for what it cannot take apart. */
export function outlineOf(text: string): DockerfileOutline {
  const instructions = instructionsOf(text);
  const froms: FromInstruction[] = [];
  const args: Record<string, string> = {};
  for (const { line, words } of instructions) {
    const name = words[0]?.text.toUpperCase();
    if (name === "FROM") froms.push(fromOf(line, words.slice(1)));
    else if (name === "ARG" && froms.length === 0) Object.assign(args, defaultsOf(words.slice(1)));
  }
  return { froms, args };
}

function fromOf(line: number, words: readonly Word[]): FromInstruction {
  const flags = words.filter(({ text }, index) => isFlag(words, index) && text.startsWith("--"));
  const [image, as, stage, ...more] = words.slice(flags.length);
  const named = as !== undefined && as.text.toUpperCase() === "AS" && stage !== undefined;
  if (image === undefined || (as !== undefined && !named) || more.length > 0) {
    throw refused(line, "FROM is not written as FROM [--platform=…] IMAGE [AS NAME]");
  }
  return { line, flags, image, stage: named ? stage.text.toLowerCase() : null };
}

function isFlag(words: readonly Word[], index: number): boolean {
  return words.slice(0, index + 1).every(({ text }) => text.startsWith("--"));
}

/** `NAME=value`, quotes taken off; without a default there is nothing to know. */
function defaultsOf(words: readonly Word[]): Readonly<Record<string, string>> {
  const found = words.flatMap(({ text }) => {
    const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/.exec(text) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value.replace(/^(["'])(.*)\1$/, "$2")]];
  });
  return Object.fromEntries(found);
}

function instructionsOf(text: string): readonly Instruction[] {
  const lines = linesOf(text);
  const { mark, from } = directivesOf(lines);
  const found: Instruction[] = [];
  for (let index = from; index < lines.length; index += 1) {
    const first = lines[index];
    if (first === undefined || isSkipped(first)) continue;
    const words: Word[] = [];
    let joined = false;
    for (let line: Line | undefined = first; line !== undefined; line = lines[index]) {
      const continued = isContinued(line.text, mark);
      const body = continued ? line.text.slice(0, line.text.lastIndexOf(mark)) : line.text;
      const here = wordsOf(body, line.start);
      const isFrom = (words[0] ?? here[0])?.text.toUpperCase() === "FROM";
      if (isFrom && joined && /^\S/.test(body))
        throw refused(line.number, "a word of FROM goes over two lines");
      words.push(...here);
      joined = continued && /\S$/.test(body);
      if (!continued) break;
      index = nextContinuation(lines, index + 1);
    }
    found.push({ line: first.number, words });
    index = afterHeredocs(lines, index, words);
  }
  return found;
}

function linesOf(text: string): readonly Line[] {
  const lines: Line[] = [];
  let start = 0;
  for (const [index, raw] of text.split("\n").entries()) {
    lines.push({ text: raw.replace(/\r$/, ""), start, number: index + 1 });
    start += raw.length + 1;
  }
  return lines;
}

/** `# syntax=`, `# escape=` and `# check=` count only before everything else, other comments included. */
function directivesOf(lines: readonly Line[]): { readonly mark: string; readonly from: number } {
  let mark = "\\";
  for (const [index, { text }] of lines.entries()) {
    const [, name, value] = /^\uFEFF?#\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(.+?)\s*$/.exec(text) ?? [];
    if (name === undefined || value === undefined) return { mark, from: index };
    if (name.toLowerCase() === "escape") {
      if (value !== "\\" && value !== "`") throw refused(index + 1, "escape is neither \\ nor `");
      mark = value;
    }
  }
  return { mark, from: lines.length };
}

function isSkipped({ text }: Line): boolean {
  return /^\uFEFF?\s*(?:#.*)?$/.test(text);
}

/** The escape character as the line's last, but not after another one. */
function isContinued(text: string, mark: string): boolean {
  const end = text.replace(/[ \t]+$/, "");
  return end.endsWith(mark) && !end.endsWith(mark + mark);
}

/** Comments and empty lines between the parts of an instruction do not end it. */
function nextContinuation(lines: readonly Line[], index: number): number {
  let next = index;
  for (let line = lines[next]; line !== undefined && isSkipped(line); line = lines[next]) next += 1;
  return next;
}

function wordsOf(text: string, start: number): readonly Word[] {
  return [...text.matchAll(/[^\s\uFEFF]+/g)].map((match) => ({ text: match[0], start: start + match.index }));
}

/** The line that the here-documents of an instruction end with; one whose end never comes is none. */
function afterHeredocs(lines: readonly Line[], index: number, words: readonly Word[]): number {
  const named = words[0]?.text.toUpperCase() === "ONBUILD" ? words[1] : words[0];
  if (!/^(?:RUN|COPY|ADD)$/i.test(named?.text ?? "")) return index;
  let last = index;
  for (const { text } of words) {
    const [, dash, , name] = /^\d*<<(-?)(["']?)([A-Za-z_][\w.-]*)\2$/.exec(text) ?? [];
    if (name === undefined) continue;
    const ends = (line: Line): boolean => (dash === "-" ? line.text.replace(/^\t+/, "") : line.text) === name;
    const end = lines.findIndex((line, at) => at > last && ends(line));
    if (end !== -1) last = end;
  }
  return last;
}

function refused(line: number, what: string): BoardhandError {
  return new BoardhandError("E_BUILD", `Dockerfile:${line}: ${what}`, {
    hint: "Write it on one line, or write the Dockerfiles of the other architectures by hand.",
  });
}
