// What may be done to a service now.
export * from "./quarantine.ts";
