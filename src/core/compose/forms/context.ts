// What the readers of one project share.
import type { Origin } from "../errors.ts";

export interface FormContext {
  /** Something compose accepts and an operator should know. */
  warn(from: Origin, what: string): void;
}
