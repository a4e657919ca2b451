// The checks about the projects: each loads, asks for platforms that run here, and its registries answer.
import { parseReference, samePlatform } from "../../core/image/index.ts";
import {
  type BoardPlatform,
  type DesiredProject,
  formatPlatform,
  type ImageReference,
} from "../../core/model/index.ts";
import type { Credentials, Registry } from "../../ports/index.ts";
import type { ProjectLoader } from "../load/index.ts";
import { type Check, type Finding, fail, failed, ok, warn } from "./check.ts";

export interface RegistryDeps {
  readonly registry: Pick<Registry, "head">;
  readonly credentials: Credentials;
}

export interface Survey {
  readonly projects: readonly DesiredProject[];
  readonly findings: readonly Finding[];
}

/** Loads every project. Never rejects: what cannot be read is a finding. */
export async function surveyProjects(loader: ProjectLoader): Promise<Survey> {
  const projects: DesiredProject[] = [];
  const findings: Finding[] = [];
  try {
    const sources = await loader.list();
    if (sources.length === 0) {
      const hint = "Put each into a directory of its own, with a compose.yaml, below the path in `projects`.";
      findings.push(warn("projects", "there are no projects", hint));
    }
    for (const source of sources) {
      const name = `project ${source.name}`;
      const loaded = await loader.load(source);
      if (loaded.kind === "invalid") {
        findings.push(failed(name, loaded.error));
        continue;
      }
      projects.push(loaded.project);
      findings.push(ok(name, `${loaded.project.services.length} services`));
      for (const warning of loaded.warnings) findings.push(warn(name, warning, null));
    }
  } catch (error) {
    findings.push(failed("projects", error));
  }
  return { projects, findings };
}

/** One finding for each service whose `platform:` does not run here; one that is ok when there is none. */
export function emulatorFindings(
  projects: readonly DesiredProject[],
  board: BoardPlatform,
): readonly Finding[] {
  const runs = [...board.accepts, ...board.emulates];
  const findings = projects.flatMap((project) =>
    project.services.flatMap(({ name, platform }): readonly Finding[] => {
      if (platform === null || runs.some((one) => samePlatform(one, platform))) return [];
      const wanted = formatPlatform(platform);
      return [
        fail(
          "emulators",
          `${project.name}/${name} asks for ${wanted}, which this board neither runs nor emulates`,
          "Install an emulator (Debian: qemu-user-static), or remove `platform:` from the service.",
        ),
      ];
    }),
  );
  return findings.length > 0 ? findings : [ok("emulators", "every service's platform runs here")];
}

/** The first image of each registry, by host. References that cannot be parsed are the loader's business. */
export function registriesOf(projects: readonly DesiredProject[]): ReadonlyMap<string, ImageReference> {
  const found = new Map<string, ImageReference>();
  for (const service of projects.flatMap((project) => project.services)) {
    if (service.pull === "never") continue;
    try {
      const image = parseReference(service.reference);
      if (!found.has(image.registry)) found.set(image.registry, image);
    } catch {
      // Shown as a hold of its service, by `boardhand check`.
    }
  }
  return found;
}

/** One check a registry: reachable, and whether the credentials are taken. */
export function registryCheck(host: string, image: ImageReference, deps: RegistryDeps): Check {
  const name = `registry ${host}`;
  return {
    name,
    run: async () => {
      const credentials = await deps.credentials.forRegistry(host);
      const { digest } = await deps.registry.head(image, image.digest ?? image.tag ?? "latest");
      const who = credentials === null ? "anonymously" : "with credentials";
      return [ok(name, `answers ${who}: ${image.written} is ${digest.slice(0, 19)}`)];
    },
  };
}
