// What the engine's scenarios share.
import type { Log } from "../../../src/ports/index.ts";

const nothing = (): void => undefined;

export const silentLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
