// What may be done to a service now.
export * from "./blame.ts";
export * from "./pushed.ts";
export * from "./quarantine.ts";
