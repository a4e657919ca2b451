// What the images tell Node of memory, as their Dockerfile has it.
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Throws where there is no such line. */
export function imageNodeOptions(): string {
  const dockerfile = readFileSync(join(import.meta.dirname, "../../Dockerfile"), "utf8");
  const options = /^ENV NODE_OPTIONS="(.+)"$/m.exec(dockerfile)?.[1];
  if (options === undefined) throw new Error("the Dockerfile sets no NODE_OPTIONS");
  return options;
}
