// The engine adapter: dockerode is used nowhere else.
export { createEngine, type EngineOptions } from "./engine.ts";
