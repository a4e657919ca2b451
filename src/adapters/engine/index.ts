// The engine adapter: dockerode is used nowhere else.
export { createEngine } from "./engine.ts";
