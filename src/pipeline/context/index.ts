// What a CI's environment says: what is being built, and which rows of the matrix this job is for.
import type { BuildContext } from "../model.ts";
import { providers } from "./providers.ts";
import { isPullRequest } from "./pull-request.ts";
import type { Environment } from "./refs.ts";

export { rowsFor } from "./rows.ts";

/**
 * What is being built, as the CI says; null where no CI is known. Closed by default: what says pull request anywhere is
 * one, events other than a push are `other`, and names that are not plain names are left out.
 */
export function contextFromCi(environment: Environment): BuildContext | null {
  for (const provider of providers) {
    const context = provider(environment);
    if (context === null) continue;
    return guarded(context, environment);
  }
  return null;
}

/** The same, but a pull request where anything in the environment says so. */
export function guarded(context: BuildContext, environment: Environment): BuildContext {
  // A pull request's branch is the one it wants to go to: it must not be taken for that branch.
  return isPullRequest(environment)
    ? { ...context, event: "pull-request", branch: null, tag: null }
    : context;
}
