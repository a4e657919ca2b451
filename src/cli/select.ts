// The projects a command is about: all of them, or the named ones, which must exist.
import type { Parts } from "../agent.ts";
import { BoardhandError } from "../core/model/index.ts";
import type { ProjectSource } from "../reconcile/load/index.ts";

/** Sorted by name. Throws E_UNKNOWN_PROJECT naming those that are there. */
export async function selectProjects(
  parts: Parts,
  names: readonly string[],
): Promise<readonly ProjectSource[]> {
  const all = await parts.loader.list();
  const unknown = names.filter((name) => !all.some((source) => source.name === name));
  if (unknown.length > 0) {
    const known = all.map((source) => source.name).join(", ");
    throw new BoardhandError("E_UNKNOWN_PROJECT", `there is no project ${unknown.join(", ")}`, {
      hint:
        known === ""
          ? "no projects were found; `projects` in the configuration says where they are"
          : `there are: ${known}`,
    });
  }
  return names.length === 0 ? all : all.filter((source) => names.includes(source.name));
}
