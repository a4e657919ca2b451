// Moments of a rollout at which a board is switched off, told by what its engine does or what it asks the registry for.
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import { chance } from "../scenarios/faults/sweep.ts";
import type { BoardWorld } from "./world.ts";

const LIMIT_MS = 15 * 60_000;

/** As the engine's events have it. */
interface EngineEvent {
  readonly Action: string;
  readonly Actor: { readonly Attributes: { readonly name: string } };
}

export interface Moment {
  readonly title: string;
  /** Ends when it has come; the rollout is set off by `begin` once somebody watches. */
  readonly comes: (world: BoardWorld, begin: () => Promise<void>) => Promise<void>;
}

const MOMENTS: readonly Moment[] = [
  { title: "while the new image is downloaded", comes: layerAsked },
  { title: "when the replacement has just been made", ...engineEvent("create", /^hello-web-1\.next$/) },
  { title: "when the old container has just stopped", ...engineEvent("die", /\.retired-/) },
  { title: "when the new container has just started", ...engineEvent("start", /^hello-web-1$/) },
];

/** Every one of them, or as many as POWER_CUTS says, chosen by the SEED: each takes a boot and a rollout. */
export function chosenMoments(): readonly Moment[] {
  const wanted = Number(process.env.POWER_CUTS || MOMENTS.length);
  if (!Number.isInteger(wanted) || wanted < 0) throw new Error("POWER_CUTS is a number of power cuts");
  const luck = ({ title }: Moment): number => chance("power cut", title);
  const chosen = [...MOMENTS].sort((a, b) => luck(a) - luck(b)).slice(0, wanted);
  return MOMENTS.filter((moment) => chosen.includes(moment));
}

/** The engine has asked for a layer, and waits for it. */
async function layerAsked(world: BoardWorld, begin: () => Promise<void>): Promise<void> {
  const asked = new Promise<void>((resolve) => {
    world.registry.fault = async ({ by, path }, response) => {
      if (by !== "engine" || !path.includes("/blobs/")) return;
      resolve();
      await once(response, "close");
    };
  });
  try {
    await begin();
    await within(asked, "a layer that is asked for");
  } finally {
    world.registry.fault = null;
  }
}

/** The engine has told that this has just happened to a container of this name. */
export function engineEvent(action: string, name: RegExp): Pick<Moment, "comes"> {
  return { comes: (world, begin) => eventComes(action, name, world, begin) };
}

async function eventComes(action: string, name: RegExp, world: BoardWorld, begin: () => Promise<void>) {
  const filters = encodeURIComponent(JSON.stringify({ type: ["container"] }));
  const asked = get(`${world.board.engine.replace("tcp:", "http:")}/events?filters=${filters}`, {
    agent: false,
  });
  asked.on("error", () => undefined);
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  answer.on("error", () => undefined);
  const lines = createInterface({ input: answer });
  // It passes on what breaks its input, which the end of the board's power does.
  lines.on("error", () => undefined);
  try {
    const seen = (async () => {
      for await (const line of lines) {
        const { Action, Actor } = JSON.parse(line) as EngineEvent;
        if (Action === action && name.test(Actor.Attributes.name)) return;
      }
      throw new Error(`the engine's events ended before ${action} of ${name.source}`);
    })();
    seen.catch(() => undefined);
    await begin();
    await within(seen, `${action} of ${name.source}`);
  } finally {
    asked.destroy();
  }
}

async function within(promise: Promise<void>, what: string): Promise<void> {
  const late = AbortSignal.timeout(LIMIT_MS);
  await Promise.race([
    promise,
    once(late, "abort").then(() => {
      throw new Error(`${what} did not come about`);
    }),
  ]);
}
