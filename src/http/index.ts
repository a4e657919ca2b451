// The HTTP side's public face: the app, the socket, and what both ask for.
export { createApp } from "./app.ts";
export type { Action, ActionAnswer, HttpDeps, HttpLimits } from "./deps.ts";
export { type Listening, listen } from "./listen.ts";
