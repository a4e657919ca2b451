// Secrets and configs that are files of the board: read-only bind mounts (compose.md 2.2).
import type { ServiceFile } from "../model/index.ts";

type Mount = Readonly<Record<string, unknown>>;

/** `taken`: targets of volumes, which win. Secrets win over configs; of two of a kind at one target the later counts. */
export function fileMounts(files: readonly ServiceFile[], taken: ReadonlySet<string>): readonly Mount[] {
  const mounts = new Map<string, Mount>();
  for (const kind of ["secret", "config"] as const) {
    const before = new Set([...taken, ...mounts.keys()]);
    for (const { kind: own, mounted, target } of files) {
      if (own === kind && mounted !== null && !before.has(target))
        mounts.set(target, bind(kind, mounted, target));
    }
  }
  return [...mounts.values()];
}

/** docker compose sends the options of a secret although they are empty, and none for a config. */
function bind(kind: ServiceFile["kind"], source: string, target: string): Mount {
  const options = kind === "secret" ? { BindOptions: {} } : {};
  return { Type: "bind", Source: source, Target: target, ReadOnly: true, ...options };
}
