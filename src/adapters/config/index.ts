// Configuration: reading and checking Boardhand's own, the tokens it names, and a pipeline's.
export { loadConfig } from "./load.ts";
export { loadPipeline } from "./pipeline/load.ts";
export { readHookTokenFile, readSecretFile, readTokenFile } from "./token.ts";
