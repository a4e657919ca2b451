// What ends the address at which the sample's registry tells the agent of pushes. Made once for a run; `make stop` removes
// it with the rest.
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runDirectory } from "./paths.mjs";

export const hookTokenFile = join(runDirectory, "hook-token");

/** The token, made where there is none yet. */
export function hookToken() {
  if (!existsSync(hookTokenFile)) {
    writeFileSync(hookTokenFile, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600, flag: "wx" });
  }
  return readFileSync(hookTokenFile, "utf8").trim();
}
