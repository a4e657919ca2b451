// Boardhand's own image for the fault matrix: what it runs is the agent as it is, but each role speaks to the engine through
// a socket of its own, so that its calls can be told from those of the others, and its clock can leap.
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import type { PushTarget } from "../../lab/push.ts";
import { republish } from "../../lab/republish.ts";
import { docker, ownImage } from "./hand-over-board.ts";

/** The agents of two versions in a row are of different sides, so that the old one's calls are not the new one's. */
export type Side = "a" | "b";
export const SOCKETS = ["agent-a", "agent-b", "updater", "doctor"] as const;
export type Socket = (typeof SOCKETS)[number];

/** An agent takes the side that is written down when its container first starts. */
const ENTRY = `#!/bin/sh
case "$1" in
  run)
    if [ "$BROKEN" = yes ]; then echo cannot go on; exit 3; fi
    [ -e /side ] || cp /run/engine/side /side
    socket=agent-$(cat /side) ;;
  updater) socket=updater ;;
  *) socket=doctor ;;
esac
export BOARDHAND_DOCKER__HOST=unix:///run/engine/$socket.sock
exec boardhand "$@"
`;

const DOCKERFILE = [
  "COPY entry leap.mjs /",
  "RUN chmod +x /entry",
  "ENV NODE_OPTIONS=--import=/leap.mjs",
  'ENTRYPOINT ["/entry"]',
  'CMD ["run"]',
];

export type Quality = "good" | "broken";

const REPOSITORY = "faults/boardhand";

function target(): PushTarget {
  return { address: inject("registryAddress"), repository: REPOSITORY };
}

/** Builds both and pushes them, once for the run; every version is one of them under another config. */
export async function buildFaultImages(): Promise<void> {
  const host = inject("engineHost");
  const own = await ownImage(host);
  const context = await mkdtemp(join(tmpdir(), "boardhand-faults-"));
  try {
    for (const quality of ["good", "broken"] as const) {
      const directory = join(context, quality);
      await mkdir(directory);
      await writeFile(join(directory, "entry"), ENTRY);
      await cp(join(import.meta.dirname, "../../lab/leap.mjs"), join(directory, "leap.mjs"));
      const more = quality === "broken" ? ["ENV BROKEN=yes"] : [];
      await writeFile(join(directory, "Dockerfile"), [`FROM ${own}`, ...DOCKERFILE, ...more, ""].join("\n"));
      const tag = `${target().address}/${REPOSITORY}:${quality}`;
      await docker(host, "build", "--quiet", "--tag", tag, directory);
      await docker(host, "push", "--quiet", tag);
    }
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

/** What a board's tag means from now on. */
export async function publish(tag: string, version: string, quality: Quality): Promise<void> {
  await republish(target(), tag, version, null, quality);
}

/** As an agent behind this registry is told. */
export function referenceOf(registry: string, tag: string): string {
  return `${registry}/${REPOSITORY}:${tag}`;
}
