// The HTTP side's public face: the app, the socket, and what both ask for.
export { createApp } from "./app.ts";
export type { Action, ActionAnswer, HttpDeps, HttpLimits, LastPlan, ProjectDetail } from "./deps.ts";
export { type Listening, type ListenOptions, listen } from "./listen.ts";
