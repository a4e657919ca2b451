// Consistency within and between services (compose.md 1.10): what would fail at the engine, or mean two things at once.
import type { ServiceSpec } from "../../model/index.ts";
import { composeError, type Origin } from "../errors.ts";
import { checkBuild, checkWatch } from "./check-build.ts";
import { dependencyKey } from "./links.ts";
import type { NetworkDraft, VolumeDraft } from "./resources.ts";
import type { FileSections } from "./service-files.ts";

export interface CheckedService {
  readonly name: string;
  /** Enabled services only have dependencies that exist and are enabled. */
  readonly spec: ServiceSpec;
  /** Where a key of it stands. */
  at(key: string): Origin;
}

export interface CheckedProject {
  readonly services: readonly CheckedService[];
  readonly networks: ReadonlyMap<string, NetworkDraft>;
  readonly volumes: ReadonlyMap<string, VolumeDraft>;
  readonly files: FileSections;
  /** Names of the top-level models. */
  readonly models: ReadonlySet<string>;
}

/** Throws E_COMPOSE for the first contradiction. */
export function checkProject(project: CheckedProject): void {
  const containerNames = new Map<string, string>();
  const byName = new Map(project.services.map((service) => [service.name, service]));
  for (const service of project.services) {
    checkReferences(service, project);
    checkFiles(service, project.files);
    checkScale(service);
    checkResources(service);
    checkTargets(service);
    checkBuild(service, byName, project.files.secrets);
    checkWatch(service);
    const name = service.spec.container_name;
    if (name === undefined) continue;
    const other = containerNames.get(name);
    if (other !== undefined) {
      throw composeError(
        service.at("container_name"),
        `is the container name of "${other}" too`,
        "give one of them another",
      );
    }
    containerNames.set(name, service.name);
  }
  checkCycles(project.services, byName);
}

function checkReferences(service: CheckedService, project: CheckedProject): void {
  const { spec } = service;
  if (spec.network_mode !== undefined && Object.keys(spec.networks ?? {}).length > 0) {
    throw composeError(service.at("network_mode"), "cannot stand beside networks", "remove one of them");
  }
  for (const key of Object.keys(spec.networks ?? {})) {
    if (!project.networks.has(key)) {
      throw composeError(
        service.at("networks"),
        `the network "${key}" is not defined`,
        `add it to the top-level networks`,
      );
    }
  }
  for (const key of Object.keys(spec.models ?? {})) {
    if (!project.models.has(key)) {
      throw composeError(
        service.at("models"),
        `the model "${key}" is not defined`,
        "add it to the top-level models",
      );
    }
  }
  for (const mount of spec.volumes ?? []) {
    if (mount.type === "volume" && mount.source !== undefined && !project.volumes.has(mount.source)) {
      throw composeError(
        service.at("volumes"),
        `the volume "${mount.source}" is not defined`,
        "add it to the top-level volumes, or begin a path with ./ or /",
      );
    }
  }
}

function checkFiles(service: CheckedService, files: FileSections): void {
  for (const section of ["secrets", "configs"] as const) {
    const missing = service.spec[section]?.find((ref) => !files[section].has(ref.source));
    if (missing === undefined) continue;
    throw composeError(
      service.at(section),
      `the ${section.slice(0, -1)} "${missing.source}" is not defined`,
      `add it to the top-level ${section}`,
    );
  }
}

function checkScale(service: CheckedService): void {
  const { scale, deploy, container_name } = service.spec;
  if (scale !== undefined && deploy?.replicas !== undefined && scale !== deploy.replicas) {
    throw composeError(service.at("scale"), "differs from deploy.replicas", "remove one of them");
  }
  const replicas = scale ?? deploy?.replicas ?? 1;
  if (container_name !== undefined && replicas > 1) {
    throw composeError(
      service.at("container_name"),
      `cannot be the name of ${replicas} containers`,
      "remove it or scale to 1",
    );
  }
}

/** A short limit beside `deploy.resources` must say the same. */
function checkResources(service: CheckedService): void {
  const { spec } = service;
  const limits = spec.deploy?.resources?.limits;
  const reservations = spec.deploy?.resources?.reservations;
  const pairs = [
    ["cpus", spec.cpus, limits, limits?.cpus, "limits.cpus"],
    ["mem_limit", spec.mem_limit, limits, limits?.memory, "limits.memory"],
    ["pids_limit", spec.pids_limit, limits, limits?.pids, "limits.pids"],
    ["mem_reservation", spec.mem_reservation, reservations, reservations?.memory, "reservations.memory"],
  ] as const;
  for (const [key, short, section, long, where] of pairs) {
    if (short !== undefined && short !== 0 && section !== undefined && short !== long) {
      throw composeError(service.at(key), `differs from deploy.resources.${where}`, "say it in one place");
    }
  }
}

function checkTargets(service: CheckedService): void {
  const mounted = new Set((service.spec.volumes ?? []).map((mount) => mount.target));
  for (const entry of service.spec.tmpfs ?? []) {
    const [target = ""] = entry.split(":");
    if (mounted.has(target))
      throw composeError(service.at("tmpfs"), `${target} is mounted twice`, "remove one of the two");
    mounted.add(target);
  }
}

function checkCycles(services: readonly CheckedService[], byName: ReadonlyMap<string, CheckedService>): void {
  const done = new Set<string>();
  const visit = (service: CheckedService, trail: readonly string[]): void => {
    if (done.has(service.name)) return;
    const start = trail.indexOf(service.name);
    if (start !== -1) {
      const circle = [...trail.slice(start), service.name];
      throw composeError(
        service.at(dependencyKey(service.spec, circle[1] ?? service.name)),
        `services depend on each other in a circle: ${circle.join(" -> ")}`,
        "remove one of these dependencies; links and shared namespaces count too",
      );
    }
    for (const name of Object.keys(service.spec.depends_on ?? {})) {
      const next = byName.get(name);
      if (next !== undefined) visit(next, [...trail, service.name]);
    }
    done.add(service.name);
  };
  for (const service of services) visit(service, []);
}
