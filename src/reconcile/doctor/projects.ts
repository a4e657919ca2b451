// The checks about the projects: each loads, asks for platforms that run here, and its registries answer.
import { readReference, samePlatform } from "../../core/image/index.ts";
import {
  type BoardPlatform,
  type DesiredProject,
  formatPlatform,
  type ImageReference,
} from "../../core/model/index.ts";
import { describeLimit } from "../../core/status/index.ts";
import type { Credentials, Registry, RegistryLimit } from "../../ports/index.ts";
import type { ProjectLoader } from "../load/index.ts";
import { reserveOf } from "../resolve/budget.ts";
import { type Check, type Finding, fail, failed, ok, warn } from "./check.ts";

export interface RegistryDeps {
  readonly registry: Pick<Registry, "head" | "limits" | "copies">;
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

/** The first image of each registry, by host. What is no reference is shown as a hold of its service, by `boardhand check`. */
export function registriesOf(projects: readonly DesiredProject[]): ReadonlyMap<string, ImageReference> {
  const found = new Map<string, ImageReference>();
  for (const service of projects.flatMap((project) => project.services)) {
    if (service.pull === "never") continue;
    const image = readReference(service.reference);
    if (image !== null && !found.has(image.registry)) found.set(image.registry, image);
  }
  return found;
}

function limitFinding(limit: RegistryLimit): Finding {
  const name = `limit of ${limit.host}`;
  const source = limit.source === null ? "" : `, counted for ${limit.source}`;
  const message = `${describeLimit(limit)}${source}`;
  if (limit.remaining > reserveOf(limit.limit)) return ok(name, message);
  const hint = "Log in (docker login) for a higher limit, poll less often, or set registries.mirrors.";
  return warn(name, `${message}: the schedule waits, only pushes and people are served`, hint);
}

async function mirrorFindings(
  host: string,
  image: ImageReference,
  at: string,
  { registry: { copies } }: RegistryDeps,
): Promise<readonly Finding[]> {
  if (!copies.exist(host)) return [];
  const name = `mirrors of ${host}`;
  const copy = await copies.head(image, at);
  if (copy !== null) return [ok(name, `answer: ${image.written} is ${copy.digest.slice(0, 19)}`)];
  const hint = "Check registries.mirrors; `log: {level: debug}` says what each of them answers.";
  return [warn(name, `none has ${image.written}: the registry itself is asked`, hint)];
}

/** One check a registry: reachable, whether the credentials are taken, what it still gives, and its mirrors. */
export function registryCheck(host: string, image: ImageReference, deps: RegistryDeps): Check {
  const name = `registry ${host}`;
  return {
    name,
    run: async () => {
      const at = image.digest ?? image.tag ?? "latest";
      const mirrors = await mirrorFindings(host, image, at, deps);
      return [...(await originFindings(name, host, image, deps)), ...mirrors];
    },
  };
}

async function originFindings(
  name: string,
  host: string,
  image: ImageReference,
  { registry, credentials }: RegistryDeps,
): Promise<readonly Finding[]> {
  try {
    const login = await credentials.forRegistry(host);
    const { digest } = await registry.head(image, image.digest ?? image.tag ?? "latest");
    const who = login === null ? "anonymously" : "with credentials";
    const answers = ok(name, `answers ${who}: ${image.written} is ${digest.slice(0, 19)}`);
    const limit = registry.limits().find((one) => one.host === host);
    return limit === undefined ? [answers] : [answers, limitFinding(limit)];
  } catch (error) {
    return [failed(name, error)];
  }
}
