// The words of the project; imports nothing outside this folder.
export * from "./agent-config.ts";
export * from "./condition.ts";
export * from "./engine.ts";
export * from "./error.ts";
export * from "./hold.ts";
export * from "./image.ts";
export * from "./journal.ts";
export * from "./labels.ts";
export * from "./observed.ts";
export * from "./platform.ts";
export * from "./project.ts";
export * from "./rollout.ts";
export * from "./schema.ts";
export * from "./secret.ts";
export * from "./service.ts";
export * from "./step.ts";
export * from "./yaml.ts";
