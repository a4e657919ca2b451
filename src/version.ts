// The version of this build, from package.json; read once.
import { createRequire } from "node:module";

const manifest: unknown = createRequire(import.meta.url)("../package.json");

/** As in package.json, e.g. `0.1.0`. */
export const VERSION: string =
  typeof manifest === "object" && manifest !== null && "version" in manifest ? String(manifest.version) : "0";
