// What may be done to a service now.

export * from "./pushed.ts";
export * from "./quarantine.ts";
