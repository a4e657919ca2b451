// What a check by the compose specification's JSON schema answers; who checks is handed in, so that core stays pure.

export interface SchemaProblem {
  /** From the top of the document: keys of mappings, and indexes of lists in digits. */
  readonly path: readonly string[];
  /** A key below `path` that the schema does not know, else null. */
  readonly unknownKey: string | null;
  /** What is wrong, continuing the path's name: `must be a string`. */
  readonly what: string;
  /** What would be right. */
  readonly hint: string | null;
}

/**
 * Checks a merged compose document of plain values (numbers for big integers). The first problem is the most specific
 * one; unknown keys are all there. Empty where the document fits.
 */
export type CheckSchema = (document: unknown) => readonly SchemaProblem[];
