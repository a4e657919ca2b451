// An engine that keeps its images in another store than before shows none of its containers any more: they are not gone,
// and nobody removed them.
import type { EngineFacts } from "../core/model/index.ts";
import type { Journal, Log } from "../ports/index.ts";

const CACHE = "engine-store";

/**
 * Forgets what was seen running when the store is another than at the last time, so that no absence counts as a person's
 * doing. The first time, and when the cache was lost, the store counts as the same.
 */
export async function noteStore(
  { store }: Pick<EngineFacts, "store">,
  { journal, log }: { readonly journal: Journal; readonly log: Log },
): Promise<void> {
  const before = storeIn(await journal.readCache(CACHE));
  if (before === store) return;
  if (before !== null) {
    log.warn(
      { before, store },
      "the engine keeps its images in another store: containers of the other one are out of sight",
    );
    for (const project of journal.projects())
      await journal.append(project, { type: "seen", services: {} }, "durable");
  }
  await journal.writeCache(CACHE, { store });
}

function storeIn(cached: unknown): string | null {
  if (typeof cached !== "object" || cached === null || !("store" in cached)) return null;
  return typeof cached.store === "string" ? cached.store : null;
}
