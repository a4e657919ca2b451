// What a CI's environment may say: plain names of branches and tags and full hashes. Anything else counts as not said.

const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.+@#/-]{0,254}$/;
const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

export type Environment = Readonly<Record<string, string | undefined>>;

/** A branch or tag; null for none and for what would be dangerous in a command, a tag or a line of output. */
export function refName(value: string | undefined): string | null {
  if (value === undefined || !NAME.test(value)) return null;
  // git check-ref-format refuses these too.
  return value.includes("..") || value.includes("@{") || value.includes("//") ? null : value;
}

/** A full hash, SHA-1 or SHA-256, in lower case; null for anything else. */
export function commitHash(value: string | undefined): string | null {
  const lower = value?.toLowerCase() ?? "";
  return COMMIT.test(lower) ? lower : null;
}

export function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}
