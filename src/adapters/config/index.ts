// Boardhand's own configuration: reading and checking it, and the tokens it names.
export { type LoadConfigInput, loadConfig } from "./load.ts";
export { readTokenFile } from "./token.ts";
