// The version of this build, from package.json, and when it was made; read once.
import { readFileSync } from "node:fs";
import { PACKAGE_FILE } from "./assets.ts";

const manifest: unknown = JSON.parse(readFileSync(PACKAGE_FILE, "utf8"));

/** As in package.json, e.g. `0.1.0`. */
export const VERSION: string =
  typeof manifest === "object" && manifest !== null && "version" in manifest ? String(manifest.version) : "0";

/**
 * No clock is right that shows an earlier time, ms since the epoch. Written down rather than taken from a file's date:
 * packing and image builds set those as they like. Moved on with each release.
 */
export const BUILT_AT: number = Date.UTC(2026, 10, 21);
