// Boardhand's own configuration: reading and checking it, and the tokens it names.
export { loadConfig } from "./load.ts";
export { readHookTokenFile, readSecretFile, readTokenFile } from "./token.ts";
