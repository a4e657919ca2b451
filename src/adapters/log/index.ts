// Structured logging.
export { createLog } from "./log.ts";
