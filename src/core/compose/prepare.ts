// First phase: compose documents → a draft of the project, and the environment files it asks for.
// Order: plant (interpolate) → merge → keys and canonical forms. Two phases, because env_file names are only known here.
import type { CheckSchema, ParseYaml, YamlNode } from "../model/index.ts";
import { keysOf } from "./attributes/index.ts";
import { composeError, type Origin } from "./errors.ts";
import type { EnvFileRequest } from "./forms/files.ts";
import { checkKeys } from "./keys.ts";
import type { PrintedSections } from "./print/index.ts";
import { asMap, readString } from "./read.ts";
import { createLibrary, type Reading } from "./reading.ts";
import { readUpdateMode, type UpdateMode } from "./stages/boardhand.ts";
import { readConfigs, readSecrets } from "./stages/file-objects.ts";
import { loadModel } from "./stages/model.ts";
import { checkResourceName, projectName } from "./stages/name.ts";
import { bodyOf, EXTENSION, type Planter, planter } from "./stages/plant.ts";
import { isEnabled } from "./stages/profiles.ts";
import { type NetworkDraft, readNetworks, readVolumes, type VolumeDraft } from "./stages/resources.ts";
import { extensionsOf, requireSchema, withoutUnknownKeys } from "./stages/schema.ts";
import { seccompRequests } from "./stages/seccomp.ts";
import { readService, type ServiceDraft } from "./stages/service.ts";
import type { FileSections } from "./stages/service-files.ts";
import { childOf, type MapTree, type Scope, type Tree } from "./tree.ts";

/** Everything a project is made of, but the texts of its env_files. */
export interface ProjectInput {
  /** Absolute paths in merge order, each with the documents of its stream. */
  readonly files: readonly { readonly path: string; readonly documents: readonly YamlNode[] }[];
  /** Parses the files that these extend and include. */
  readonly parse: ParseYaml;
  /** Absolute. */
  readonly directory: string;
  /** A name given by configuration, in normal form. */
  readonly name: string | null;
  /** What variables are looked up in; never the daemon's own environment. */
  readonly environment: ReadonlyMap<string, string>;
  readonly profiles: readonly string[];
  /** Environment files given explicitly, for the container labels. */
  readonly environmentFiles: readonly string[];
  /** What the merged document is held against; lenient: keys it does not know are warnings. Left out: nothing. */
  readonly schema?: { readonly check: CheckSchema; readonly lenient: boolean };
}

/** The first phase's result. */
export interface PreparedProject {
  readonly name: string;
  /** Absolute paths to be read before `compileProject`; a path may be needed by several services. */
  readonly envFiles: readonly EnvFileRequest[];
  readonly draft: ProjectDraft;
}

interface ProjectDraft {
  readonly input: ProjectInput;
  readonly lookup: (name: string) => string | undefined;
  readonly services: readonly ServiceDraft[];
  readonly update: UpdateMode;
  readonly networks: ReadonlyMap<string, NetworkDraft>;
  readonly volumes: ReadonlyMap<string, VolumeDraft>;
  readonly models: ReadonlySet<string>;
  readonly files: FileSections;
  readonly extensions: PrintedSections["extensions"];
  readonly warnings: Set<string>;
  warn(from: Origin, what: string): void;
}

/** Services of one project; more is a mistake, and a bound on the work the checks do. */
const MAX_SERVICES = 1000;
const TOP_KEYS = keysOf("");

/**
 * First phase: everything but the env_files; asks for the files that are extended and included, and for their
 * environment files. Throws E_COMPOSE with file, line, column and key.
 */
export function* prepareProject(input: ProjectInput): Reading<PreparedProject> {
  const warnings = new Set<string>();
  const name = nameOf(input);
  const environment = new Map([...input.environment, ["COMPOSE_PROJECT_NAME", name]]);
  const lookup = (variable: string): string | undefined => environment.get(variable);
  const warn = (from: Origin, what: string): void => {
    warnings.add(`${from.file}:${from.line}:${from.column}: ${from.path}: ${what}`);
  };
  const onUnset = (variable: string, from: Origin): void =>
    warn(from, `the variable ${variable} is not set; an empty text is used`);
  const written = yield* document(input, { directory: input.directory, lookup }, planter(onUnset));
  const top = input.schema?.lenient ? withoutUnknownKeys(written, input.schema.check, warn) : written;
  checkKeys(top, TOP_KEYS);
  const version = childOf(top, "version");
  if (version !== null) warn(version.from, "version is obsolete and ignored");
  const context = { warn };
  const services = servicesOf(top).map(([key, tree]) => readService(key, tree, context));
  const extension = childOf(top, EXTENSION);
  const models = childOf(top, "models");
  const draft: ProjectDraft = {
    input,
    lookup,
    services,
    update: (extension === null ? null : readUpdateMode(extension)) ?? "auto",
    networks: readNetworks(childOf(top, "networks"), name),
    volumes: readVolumes(childOf(top, "volumes"), name),
    models: new Set(models === null ? [] : asMap(models).entries.keys()),
    files: {
      secrets: readSecrets(childOf(top, "secrets"), name),
      configs: readConfigs(childOf(top, "configs"), name),
    },
    extensions: extensionsOf(top),
    warnings,
    warn,
  };
  // After the readers, whose messages know more.
  if (input.schema !== undefined) requireSchema(top, input.schema.check);
  const active = new Set(input.profiles);
  const enabled = services.filter((service) => isEnabled(service.spec, active));
  const envFiles = enabled.flatMap((service) => [
    ...service.envFiles,
    ...seccompRequests(service, input.directory),
  ]);
  return { name, envFiles, draft };
}

/** As written: a name that is empty only once its variables are replaced is a mistake. */
function isEmptyText(node: YamlNode): boolean {
  return node.kind === "scalar" && node.text === "";
}

/**
 * The name a project will have, without reading anything but `name:`; throws E_COMPOSE when there is none.
 * An unusable `name:` of the files is an error of `prepareProject` too.
 */
export function nameOf(input: Pick<ProjectInput, "files" | "directory" | "name" | "environment">): string {
  let fromFile: string | null = null;
  const plant = planter(() => undefined);
  const scope: Scope = {
    directory: input.directory,
    lookup: (variable) => input.environment.get(variable),
  };
  for (const file of input.files) {
    for (const node of file.documents) {
      const written =
        node.kind === "mapping" ? node.entries.find((entry) => entry.key === "name") : undefined;
      if (written === undefined) continue;
      const only: YamlNode = { kind: "mapping", entries: [written], at: node.at, tag: null };
      const body = bodyOf(plant(only, file.path, scope));
      const tree = body === null ? null : childOf(body, "name");
      if (tree !== null && !isEmptyText(written.value)) fromFile = readString(tree);
    }
  }
  const fromEnvironment = input.environment.get("COMPOSE_PROJECT_NAME") ?? null;
  return projectName({ given: input.name, fromEnvironment, fromFile, directory: input.directory });
}

function* document(input: ProjectInput, scope: Scope, plant: Planter): Reading<MapTree> {
  const files = input.files.map(({ path, documents }) => ({
    path,
    documents: documents.map((node) => plant(node, path, scope)),
  }));
  const model = yield* loadModel({ files, scope }, createLibrary(plant, input.parse));
  if (model !== null) return model;
  const [first] = input.files;
  const from: Origin = { file: first?.path ?? input.directory, line: 1, column: 1, path: "" };
  throw composeError(from, first === undefined ? "there is no compose file" : "the file is empty");
}

function servicesOf(top: MapTree): readonly (readonly [string, Tree])[] {
  const tree = childOf(top, "services");
  const services = tree === null ? [] : [...asMap(tree).entries];
  if (services.length > MAX_SERVICES) throw composeError(top.from, `more than ${MAX_SERVICES} services`);
  return services.map(([key, entry]) => {
    checkResourceName(key, entry.keyFrom);
    return [key, entry.value] as const;
  });
}
