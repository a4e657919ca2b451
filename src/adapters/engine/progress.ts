// Adds up a pull's per-layer messages; ids beyond a bound are ignored, so a hostile stream cannot fill the memory.
import { number, object, text } from "../../core/model/engine-json.ts";
import type { PullProgress } from "../../ports/index.ts";

const MAX_LAYERS = 1024;
const FINISHED: readonly string[] = ["Already exists", "Pull complete"];
/** Downloaded, but not yet unpacked: all bytes are here. */
const DOWNLOADED: readonly string[] = ["Verifying Checksum", "Download complete", "Extracting", ...FINISHED];

interface Layer {
  readonly total: number;
  readonly current: number;
  readonly done: boolean;
}

/** A fold over the messages of one pull; `add` answers the sum so far, null when the message says nothing of layers. */
export function createPullFold(): { add(message: unknown): PullProgress | null } {
  const layers = new Map<string, Layer>();
  return {
    add(message) {
      const line = object(message);
      const id = text(line.id);
      const status = text(line.status);
      // The first line carries the tag as its id ("Pulling from team/app").
      if (id === "" || status.startsWith("Pulling from") || !isLayerStatus(status)) return null;
      const before = layers.get(id);
      if (before === undefined && layers.size >= MAX_LAYERS) return null;
      layers.set(
        id,
        nextLayer(before ?? { total: 0, current: 0, done: false }, status, object(line.progressDetail)),
      );
      return sum(layers.values());
    },
  };
}

function isLayerStatus(status: string): boolean {
  return ["Pulling fs layer", "Waiting", "Downloading", "Retrying", ...DOWNLOADED].some((word) =>
    status.startsWith(word),
  );
}

function nextLayer(before: Layer, status: string, detail: Readonly<Record<string, unknown>>): Layer {
  if (status === "Downloading") {
    const total = Math.max(before.total, number(detail.total));
    return { ...before, total, current: Math.min(Math.max(0, number(detail.current)), total) };
  }
  if (!DOWNLOADED.includes(status)) return before;
  return { ...before, current: before.total, done: before.done || FINISHED.includes(status) };
}

function sum(layers: Iterable<Layer>): PullProgress {
  let [count, layersDone, bytes, totalBytes] = [0, 0, 0, 0];
  for (const layer of layers) {
    count += 1;
    layersDone += layer.done ? 1 : 0;
    bytes += layer.current;
    totalBytes += layer.total;
  }
  return { layers: count, layersDone, bytes, totalBytes };
}
