// Second phase: a draft and the texts of its environment files → DesiredProject.
// Order: environment → normalise → check → describe → hash.
import type { DesiredNetwork, DesiredProject, DesiredVolume, FileText } from "../model/index.ts";
import { networkHash, volumeHash } from "./hash/index.ts";
import type { PreparedProject } from "./prepare.ts";
import type { PrintedSections } from "./print/index.ts";
import { type CheckedService, checkProject } from "./stages/check.ts";
import { describeService } from "./stages/describe.ts";
import { checkEnvWork, withEnvironment } from "./stages/environment.ts";
import { composeRevision } from "./stages/hashes.ts";
import { withImpliedDependencies } from "./stages/links.ts";
import { isEnabled, withLiveDependencies } from "./stages/profiles.ts";
import { defaultNetwork } from "./stages/resources.ts";
import { withSeccomp } from "./stages/seccomp.ts";
import type { ServiceDraft } from "./stages/service.ts";
import { fileTexts, warnOfIgnored, withFiles } from "./stages/service-files.ts";

export interface CompiledProject {
  readonly project: DesiredProject;
  /** Of secrets and configs: not part of the project, which is written to disk. */
  readonly texts: readonly FileText[];
  /** What is printed and no container is made of. */
  readonly sections: PrintedSections;
  /** What an operator should know, each with its place. */
  readonly warnings: readonly string[];
}

/** Second phase. `envTexts`: text of each environment file by its path, null where there is none. Throws E_COMPOSE. */
export function compileProject(
  prepared: PreparedProject,
  envTexts: ReadonlyMap<string, string | null>,
): CompiledProject {
  const { draft, name } = prepared;
  const active = new Set(draft.input.profiles);
  const [on, off] = partition(draft.services, (service) => isEnabled(service.spec, active));
  const enabled = new Set(on.map((service) => service.name));
  const disabled = new Set(off.map((service) => service.name));
  checkEnvWork(on, envTexts);
  const services = on.map((service) =>
    withLiveDependencies(
      normalise(service, withEnvironment(service, envTexts, draft.lookup)),
      enabled,
      disabled,
    ),
  );
  const known = new Map([["default", defaultNetwork(name)], ...draft.networks]);
  checkProject({ ...draft, services, networks: known });
  const modes = new Map(on.map((service) => [service.name, service.update ?? draft.update]));
  const platform = draft.lookup("DOCKER_DEFAULT_PLATFORM") ?? null;
  const described = services
    .map(({ name: key, spec }) => {
      return describeService(key, spec, { project: name, update: modes.get(key) ?? "auto", platform });
    })
    .map((service) => withFiles(service, draft.files))
    .map((service) => withSeccomp(service, envTexts, draft.input.directory))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const usedNetworks = new Set(described.flatMap((service) => service.networks));
  const usedVolumes = new Set(described.flatMap((service) => service.volumes));
  const networks = pick(known, usedNetworks).map(
    (item): DesiredNetwork => ({ ...item, composeHash: networkHash(item) }),
  );
  const volumes = pick(draft.volumes, usedVolumes).map(
    (item): DesiredVolume => ({ ...item, composeHash: volumeHash(item) }),
  );
  const project: DesiredProject = {
    name,
    directory: draft.input.directory,
    files: draft.input.files.map((file) => file.path),
    environmentFiles: draft.input.environmentFiles,
    composeRevision: composeRevision(described, networks, volumes),
    services: described,
    disabledServices: [...disabled].sort(),
    networks,
    volumes,
  };
  for (const service of services) warnOfIgnored(service, draft.files, draft.warn);
  const texts = fileTexts(draft.files);
  const sections = { ...draft.files, extensions: draft.extensions };
  return { project, texts, sections, warnings: [...draft.warnings].sort() };
}

/** The default network where none is named, and the dependencies that other keys imply (compose.md 1.8). */
function normalise(draft: ServiceDraft, spec: CheckedService["spec"]): CheckedService {
  const elsewhere = spec.network_mode !== undefined || spec.provider !== undefined;
  const needsDefault = !elsewhere && Object.keys(spec.networks ?? {}).length === 0;
  const dependencies = withImpliedDependencies(spec);
  return {
    name: draft.name,
    spec: {
      ...spec,
      ...(needsDefault ? { networks: { default: null } } : {}),
      ...(Object.keys(dependencies).length === 0 ? {} : { depends_on: dependencies }),
    },
    at: (key) => draft.keys.get(key) ?? draft.from,
  };
}

function partition<T>(
  items: readonly T[],
  test: (item: T) => boolean,
): readonly [readonly T[], readonly T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}

/** Entries whose key is used, sorted by key. */
function pick<T>(all: ReadonlyMap<string, T>, used: ReadonlySet<string>): readonly T[] {
  return [...all]
    .filter(([key]) => used.has(key))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, item]) => item);
}
