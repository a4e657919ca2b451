// Which projects a push is news for, by the compose files as they were last read. Asks no registry and changes nothing.
import type { AgentConfig, DesiredProject, ImageDecision } from "../core/model/index.ts";
import { type PushContext, servicesPushed } from "../core/policy/index.ts";
import type { PushedProjects } from "../ports/index.ts";
import type { ProjectView } from "./deps.ts";
import type { GroundSource } from "./ground.ts";

export interface PushedDeps {
  /** Names of the projects on disk. */
  readonly known: () => readonly string[];
  readonly view: (project: string) => ProjectView | null;
  /** Null for what cannot be read. */
  readonly read: (project: string) => Promise<DesiredProject | null>;
  readonly ground: Pick<GroundSource, "last">;
  readonly registries: Pick<AgentConfig["registries"], "mirrors" | "aliases">;
}

/** Reads a project itself only where no look has done so yet. */
export function createPushedProjects(deps: PushedDeps): PushedProjects {
  const read = new Map<string, DesiredProject | null>();
  const otherNames = namesOf(deps.registries);

  const isUnread = (name: string): boolean => {
    const view = deps.view(name);
    return (view === null || (view.desired === null && view.invalid === null)) && !read.has(name);
  };
  const desired = (name: string): DesiredProject | null => deps.view(name)?.desired ?? read.get(name) ?? null;

  return {
    interested(hint) {
      const context: PushContext = { platform: deps.ground.last()?.board.platform ?? null, otherNames };
      return deps.known().flatMap((name) => {
        const project = desired(name);
        if (project === null) return [];
        const services = servicesPushed(hint, project, context);
        return services
          .filter((service) => deps.view(name)?.images.get(service)?.kind !== "local")
          .map((service) => ({ project: name, service }));
      });
    },
    hasUnread: () => deps.known().some(isUnread),
    async readUnread() {
      for (const name of deps.known().filter(isUnread)) {
        read.set(name, await deps.read(name).catch(() => null));
      }
    },
    offered: ({ project, service }) => offeredBy(deps.view(project)?.images.get(service)),
  };
}

function offeredBy(decision: ImageDecision | undefined): string | null {
  return decision?.kind === "pinned" ? decision.image.platformDigest : null;
}

/** By the name that images are pulled from, lower-case `host[:port]`. */
function namesOf({ mirrors, aliases }: PushedDeps["registries"]): ReadonlyMap<string, readonly string[]> {
  const registries = new Set([...Object.keys(mirrors), ...Object.keys(aliases)]);
  return new Map(
    [...registries].map((registry) => {
      const hosts = (mirrors[registry] ?? []).map((origin) => new URL(origin).host);
      return [registry, [...hosts, ...(aliases[registry] ?? [])].map((name) => name.toLowerCase())];
    }),
  );
}
