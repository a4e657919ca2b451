// What the scenarios about disks share: images of a chosen size, and looks at a small data root.
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { systemClock } from "../../../src/adapters/clock/index.ts";
import { createEngine } from "../../../src/adapters/engine/index.ts";
import type { LabEngine, LabEngineOptions } from "../../lab/engine.ts";
import { appImage } from "../../lab/images.ts";
import { pushImage } from "../../lab/push.ts";
import { silentLog } from "../engine/support.ts";
import type { World } from "../world.ts";

const run = promisify(execFile);
export const MB = 1_000_000;

const made = new Map<string, Buffer>();

/** Bytes that do not compress, the same ones for the same name in one run. */
function noise(name: string, bytes: number): Buffer {
  const content = made.get(name) ?? randomBytes(bytes);
  made.set(name, content);
  return content;
}

/** A layer of so many MB: noise, or what compresses to next to nothing. */
export interface Ballast {
  readonly name: string;
  readonly megabytes: number;
  readonly zeros?: boolean;
}

/** Pushes a serving image with these layers between its base and its own; returns its manifest digest. */
export async function pushSized(
  world: World,
  name: string,
  version: string,
  layers: readonly Ballast[],
  tag = "latest",
): Promise<string> {
  const app = await appImage({ arch: "amd64", version, behaviour: "serve" });
  const [base, ...own] = app.layers ?? [];
  const ballast = layers.map((one) => {
    const bytes = one.megabytes * MB;
    return { [`ballast/${one.name}`]: { content: one.zeros ? Buffer.alloc(bytes) : noise(one.name, bytes) } };
  });
  const spec = { ...app, layers: [...(base === undefined ? [] : [base]), ...ballast, ...own] };
  return (await pushImage(world.target(name), tag, spec)).digest;
}

/** The newest engine there is, and how it is started. */
export async function currentEngine(): Promise<LabEngineOptions> {
  const { stdout } = await run(process.execPath, [join(import.meta.dirname, "../../lab/engine.mjs")]);
  const binary = stdout.trim();
  return {
    binary,
    arguments: ["--ip6tables=false"],
    environment: { PATH: `${join(binary, "..")}:${process.env.PATH ?? ""}:/usr/sbin:/sbin` },
  };
}

/** The same with images kept by containerd. */
export async function containerdStore(): Promise<LabEngineOptions> {
  return { ...(await currentEngine()), settings: { features: { "containerd-snapshotter": true } } };
}

export async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

/** What the engine's own files take, whoever else writes to the same disk; mounts in them are other files once more. */
export async function usedBytes(lab: LabEngine): Promise<number> {
  const places = [lab.dataRoot, join(lab.dataRoot, "../containerd")];
  const words = ["--summarize", "--one-file-system", "--block-size=1", ...places];
  // It ends with 1 when a file goes away under it.
  const { stdout } = await run("du", words).catch((error: { readonly stdout: string }) => error);
  return stdout
    .split("\n")
    .filter(Boolean)
    .reduce((sum, line) => sum + Number(line.split("\t")[0]), 0);
}

/** Images by tag, those without one by id; sorted. */
export async function imagesOn(lab: LabEngine): Promise<readonly string[]> {
  const engine = createEngine({ host: lab.host, tls: null, clock: systemClock(), log: silentLog });
  const { images } = await engine.observe("none");
  return images.flatMap(({ id, repoTags }) => (repoTags.length > 0 ? repoTags : [id])).sort();
}

/** How often the agent announced a step of this kind. */
export async function announced(world: World, kind: string): Promise<number> {
  const { journal } = await world.parts();
  const entries = await journal.history(world.project, 500);
  return entries.flatMap(({ event }) =>
    event.type === "intent" ? event.steps.filter((step) => step.kind === kind) : [],
  ).length;
}

export function holdOf(world: World, parts: Awaited<ReturnType<World["parts"]>>, service: string): string {
  const held = parts.reconciler.view(world.project)?.plan?.held ?? [];
  const hold = held.find((one) => one.service === service);
  return hold === undefined ? "" : `${hold.reason}: ${hold.message}`;
}
