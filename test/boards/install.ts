// Puts the agent on a board from the image that the pipeline built, as README.md tells a board's owner to do it.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "../scenarios/pipeline/own-images.ts";
import { publishOwnImage } from "./own-image.ts";
import type { BoardWorld } from "./world.ts";

/** Emulated, on a machine that has much else to do. */
const LIMIT_MS = 20 * 60_000;

/** What the installation took, in milliseconds. */
export interface Installed {
  readonly pullMs: number;
  /** From the image on the board to an agent that is well: doctor, tokens, start. */
  readonly installMs: number;
}

/** The script is copied there and run by sh; the image is version 1 of the board's own. */
export async function installAgent(world: BoardWorld): Promise<Installed> {
  await publishOwnImage(world.repository("boardhand"), "1");
  const image = `${world.reference("boardhand")}:latest`;
  await world.configure();
  await world.board.write("/root/install.sh", await readFile(join(ROOT, "deploy/install.sh")));
  const begun = performance.now();
  await world.board.ok(`docker pull -q ${image}`, LIMIT_MS);
  const pulled = performance.now();
  const words = ["--image", image, "--token-file", "token", "--webhooks", "--wait", String(LIMIT_MS / 1000)];
  await world.board.ok(`sh install.sh ${words.join(" ")}`, LIMIT_MS);
  await world.agentIsWell();
  return { pullMs: pulled - begun, installMs: performance.now() - pulled };
}
