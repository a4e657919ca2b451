// Interfaces of the outside things; types only.
export type * from "./agents.ts";
export type * from "./binfmt.ts";
export type * from "./clock.ts";
export type * from "./credentials.ts";
export type * from "./engine.ts";
export type * from "./files.ts";
export type * from "./host.ts";
export type * from "./journal.ts";
export type * from "./log.ts";
export type * from "./manifest-writer.ts";
export type * from "./programs.ts";
export type * from "./progress.ts";
export type * from "./push.ts";
export type * from "./pushed.ts";
export type * from "./registry.ts";
export type * from "./scratch.ts";
export type * from "./workspace.ts";
