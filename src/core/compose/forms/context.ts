// What the readers of one project share.
import type { Origin } from "../errors.ts";
import type { PathContext } from "../values/path.ts";

export interface FormContext extends PathContext {
  /** Something compose accepts and an operator should know. */
  warn(from: Origin, what: string): void;
}
