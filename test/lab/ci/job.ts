// What every CI definition comes down to: jobs that need other jobs, each with steps that are run by a shell.
import { load, loadAll } from "js-yaml";

/** What happened in the repository. */
export interface CiEvent {
  readonly kind: "push" | "tag" | "pull-request";
  /** The branch that was pushed to or, for a pull request, that it wants to go to. */
  readonly branch: string;
  /** As git has it; null for no tag. */
  readonly tag: string | null;
  readonly commit: string;
}

/** What was typed into the CI's settings. A pull request comes from somebody else's fork: it gets no secrets. */
export interface CiSettings {
  readonly secrets: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
}

export interface CiStep {
  readonly name: string;
  readonly shell: "bash" | "bash -e" | "sh -e";
  readonly script: string;
  /** All of it, but for PATH and HOME. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface CiJob {
  readonly name: string;
  /** Names of jobs that must have succeeded. */
  readonly needs: readonly string[];
  readonly steps: readonly CiStep[];
}

export type Tree = Readonly<Record<string, unknown>>;

/** One YAML document, with merge keys as CIs read them. */
export function readYaml(text: string): Tree {
  return asTree(merged(load(text)), "the document");
}

export function readYamlDocuments(text: string): readonly Tree[] {
  return loadAll(text).map((document) => asTree(merged(document), "a document"));
}

/** `<<` of YAML 1.1, which Travis and Drone know and js-yaml's default does not. */
function merged(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(merged);
  if (typeof value !== "object" || value === null) return value;
  const { "<<": base, ...own } = value as Tree;
  const all = base === undefined ? own : { ...asTree(base, "<<"), ...own };
  return Object.fromEntries(Object.entries(all).map(([key, entry]) => [key, merged(entry)]));
}

export function asTree(value: unknown, where: string): Tree {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(`${where} is no mapping`);
  }
  return value as Tree;
}

/** Whatever this extractor does not know could change what runs, so it throws. */
export function onlyKeys(tree: Tree, known: readonly string[], where: string): void {
  const unknown = Object.keys(tree).filter((key) => !known.includes(key));
  if (unknown.length > 0)
    throw new Error(`${where}: ${unknown.join(", ")} is not known to the test's extractor`);
}

export function asText(value: unknown, where: string): string {
  if (typeof value !== "string") throw new Error(`${where} is no text`);
  return value;
}

/** A text or a list of texts; nothing is an empty list. */
export function asTexts(value: unknown, where: string): readonly string[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map((entry) => asText(entry, where));
}

export function asTrees(value: unknown, where: string): readonly Tree[] {
  if (!Array.isArray(value)) throw new Error(`${where} is no list`);
  return value.map((entry) => asTree(entry, where));
}

/** Shell patterns with `*`, as CIs match branches, tags and refs. */
export function matches(pattern: string, name: string): boolean {
  const quoted = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${quoted.join("[^/]*")}$`).test(name);
}
