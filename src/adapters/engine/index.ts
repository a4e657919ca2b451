// The engine adapter: dockerode is used nowhere else.
export { createAgents } from "./agents.ts";
export { createEngine } from "./engine.ts";
