// What docker says when a login or a push fails, sorted by what somebody can do about it. Its words come from registries too.
import type { ProgramEnd } from "../../ports/index.ts";

export type DockerFailure =
  /** The registry wants another login, or grants this one too little. */
  | "auth"
  /** It may work in a moment: network, a registry in trouble, too many requests. */
  | "transient"
  | "certificate"
  | "no-image"
  | "engine"
  | "space"
  | "other";

/** The first that fits: an engine that refuses its socket says `permission denied`, a locked-out address `too many`. */
const WORDS: readonly (readonly [DockerFailure, RegExp])[] = [
  ["engine", /cannot connect to the docker daemon|docker daemon socket|error during connect|docker api at/i],
  ["no-image", /does not exist locally|no such image|image not known/i],
  ["space", /no space left on device/i],
  ["certificate", /x509:|HTTP response to HTTPS client|certificate/i],
  [
    "auth",
    /\bdenied\b|no basic auth credentials|unauthorized|forbidden|authentication required|insufficient.scope|incorrect username or password|failed login attempts/i,
  ],
  [
    "transient",
    /connection (?:refused|reset)|broken pipe|timeout|timed out|deadline exceeded|\bEOF\b|no such host|server misbehaving|unreachable|no route to host|too ?many ?requests|\b(?:429|50[0234])\b|internal server error|bad gateway|unavailable|blob upload (?:unknown|invalid)|use of closed/i,
  ],
];

const LINE_MAX = 300;

/** Docker's pointer to its manual, after the error itself. */
const POINTER = /^(?:See|Run) 'docker/;

/** The last line that says something, without what a terminal would obey. */
function lastLine(text: string): string {
  const lines = text.split(/[\r\n]+/).map((line) => line.replace(/[^\x20-\x7e\u00a0-\uffff]+/g, " ").trim());
  return (lines.findLast((line) => line !== "" && !POINTER.test(line)) ?? "").slice(0, LINE_MAX);
}

export function readFailure(end: ProgramEnd): { readonly kind: DockerFailure; readonly line: string } {
  const line = lastLine(end.stderr) || lastLine(end.stdout);
  if (end.timedOut) return { kind: "transient", line: line || "it did not end in time" };
  const kind = WORDS.find(([, words]) => words.test(line))?.[0] ?? "other";
  return { kind, line: line || `it ended with status ${end.status ?? "none"}` };
}
