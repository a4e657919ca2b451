// Structured logging.
export { createLog, type LogOptions } from "./log.ts";
