// What failure and health mean for a rollout.
export * from "./judge.ts";
export * from "./revision.ts";
export * from "./table.ts";
