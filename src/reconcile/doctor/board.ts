// The checks about the engine and the board: engine, platform, clock, disk.
import {
  type AgentConfig,
  type BoardPlatform,
  type EngineFacts,
  formatPlatform,
} from "../../core/model/index.ts";
import { detectPlatform } from "../../core/platform/index.ts";
import type { Clock, Host } from "../../ports/index.ts";
import type { FreeSpace } from "../free-space.ts";
import { type Check, type Finding, fail, ok, warn } from "./check.ts";

export interface BoardDeps {
  readonly config: Pick<AgentConfig, "platform" | "images" | "state">;
  /** One answer for all checks; rejects when the engine does not answer. */
  readonly engine: () => Promise<EngineFacts>;
  /** Where the engine keeps images, as it is seen from here; rejects when the engine does not answer. */
  readonly imageSpace: () => Promise<FreeSpace | null>;
  readonly host: Pick<Host, "freeBytes" | "emulators" | "cpuModel">;
  readonly clock: Pick<Clock, "now">;
  /** When this build was made, ms since the epoch. */
  readonly builtAt: number;
}

const MB = 1_000_000;
/** More than this and certificates and tokens begin to fail. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;

export function boardChecks(deps: BoardDeps): readonly Check[] {
  return [
    { name: "engine", run: async () => [engineFinding(await deps.engine())] },
    { name: "platform", run: async () => [platformFinding(await boardOf(deps))] },
    { name: "clock", run: async () => [clockFinding(deps.clock.now(), deps.builtAt)] },
    {
      name: "disk state",
      run: async () => {
        const { state } = deps.config;
        return [diskFinding("disk state", `at ${state}`, await deps.host.freeBytes(state), deps)];
      },
    },
    { name: "disk images", run: async () => [await imagesFinding(deps)] },
  ];
}

/** The board as the loop would see it. Rejects when the engine does not answer. */
export async function boardOf(deps: Pick<BoardDeps, "engine" | "host" | "config">): Promise<BoardPlatform> {
  const facts = await deps.engine();
  const [cpuModel, emulators] = await Promise.all([deps.host.cpuModel(), deps.host.emulators()]);
  return detectPlatform({ facts, cpuModel, emulators, configured: deps.config.platform });
}

function engineFinding(facts: EngineFacts): Finding {
  const { product, version, apiVersion, store } = facts;
  return ok("engine", `${product} ${version}, API ${apiVersion}, ${store} image store`);
}

function platformFinding({ because, accepts, emulates }: BoardPlatform): Finding {
  const names = (list: BoardPlatform["accepts"]): string => list.map(formatPlatform).join(", ");
  const foreign = emulates.length === 0 ? "none" : names(emulates);
  return ok("platform", `${because} Runs ${names(accepts)}; emulates ${foreign}.`);
}

function clockFinding(now: number, builtAt: number): Finding {
  const shown = new Date(now).toISOString();
  if (now >= builtAt) return ok("clock", shown);
  return fail(
    "clock",
    `${shown} is before this program was built (${new Date(builtAt).toISOString()})`,
    "Set the clock: certificates are refused with a wrong one. Check that NTP works.",
  );
}

/** How far the board's clock is from a registry's `Date` header; null where that is no date. */
export function skewFinding(host: string, header: string, now: number): Finding | null {
  const theirs = Date.parse(header);
  if (Number.isNaN(theirs)) return null;
  const skew = now - theirs;
  const name = `clock against ${host}`;
  if (Math.abs(skew) <= CLOCK_TOLERANCE_MS) return ok(name, "they agree");
  const minutes = Math.round(Math.abs(skew) / 60_000);
  return warn(
    name,
    `the board's clock is ${minutes} minutes ${skew < 0 ? "behind" : "ahead of"} the registry's`,
    "Set the clock of whichever is wrong; check that NTP works.",
  );
}

/** Named by the engine's own path, and by what was looked at where that cannot be. */
async function imagesFinding(deps: BoardDeps): Promise<Finding> {
  const { dataRoot } = await deps.engine();
  const space = await deps.imageSpace();
  const seen = space === null || space.seenAt === dataRoot ? "" : ` (seen at ${space.seenAt} here)`;
  return diskFinding("disk images", `at the engine's ${dataRoot}${seen}`, space?.bytes ?? null, deps);
}

function diskFinding(name: string, where: string, free: number | null, { config }: BoardDeps): Finding {
  const wanted = config.images.minFreeSpaceBytes;
  if (free === null) {
    const hint =
      "Pulls are not held against the free space: run Boardhand on the engine's own machine, or in a container of it.";
    return warn(name, `the free space ${where} cannot be told from here`, hint);
  }
  const message = `${Math.floor(free / MB)} MB free ${where}; images.min_free_space is ${Math.floor(wanted / MB)} MB`;
  return free >= wanted
    ? ok(name, message)
    : fail(
        name,
        message,
        "Make room: remove unused images with `docker image prune`, or take a larger disk.",
      );
}
