// A resolved project in the form of `docker compose config` (compose.md 7, level L0): its JSON, and what its YAML leaves out.
import type { DesiredProject } from "../../model/index.ts";
import { encodeNetwork, encodeVolume } from "../hash/project-parts.ts";
import type { FileObject, FileObjects } from "../stages/file-objects.ts";
import { type Json, present, sortedDeep } from "./json.ts";
import { serviceModel } from "./service.ts";

export { doubleDollars, printJson } from "./text.ts";

/** What is printed and no container is made of. */
export interface PrintedSections {
  /** All that the files define; those that no service uses are not printed. */
  readonly secrets: FileObjects;
  readonly configs: FileObjects;
  /** Top-level keys that begin with `x-`. */
  readonly extensions: Json;
}

/** The model as docker compose's JSON has it: sections by the alphabet, empty ones but `services` left out. */
export function composeModel(project: DesiredProject, sections: PrintedSections): Json {
  const services = project.services.map((service) => [service.name, serviceModel(service.spec)] as const);
  const networks = project.networks.map(
    (network) => [network.key, JSON.parse(encodeNetwork(network)) as Json] as const,
  );
  const volumes = project.volumes.map((volume) => {
    const { name, driver, ...rest } = JSON.parse(encodeVolume(volume)) as Json;
    return [volume.key, { name, ...(volume.driver === null ? {} : { driver }), ...rest }] as const;
  });
  const model: Json = {
    ...(sortedDeep(sections.extensions) as Json),
    ...present({
      configs: fileObjects(sections.configs, used(project, "configs")),
      networks: Object.fromEntries(networks),
      secrets: fileObjects(sections.secrets, used(project, "secrets")),
      volumes: Object.fromEntries(volumes),
    }),
    name: project.name,
    services: Object.fromEntries(services),
  };
  return sorted(model);
}

/** The same for YAML: other order of sections, and without what is empty by default. */
export function yamlModel(model: Json): Json {
  const first = ["name", "services", "networks", "volumes", "secrets", "configs"];
  const sections = Object.fromEntries(
    [...first, ...Object.keys(model).filter((key) => !first.includes(key))].flatMap((key) =>
      key in model ? [[key, model[key]] as const] : [],
    ),
  );
  return {
    ...sections,
    services: mapValues(model.services, (service: Json) =>
      changed(service, (key, value) => {
        if ((key === "command" || key === "entrypoint") && value === null) return undefined;
        if (key === "deploy") return present(value as Json);
        return key === "ulimits" ? mapValues(value, zeroLimit) : value;
      }),
    ),
    ...(model.networks === undefined
      ? {}
      : {
          networks: mapValues(model.networks, (network: Json) =>
            changed(network, (key, value) => (key === "ipam" ? present({ value }).value : value)),
          ),
        }),
  };
}

/** JSON has nothing for a single limit of zero, YAML has both halves of it. */
function zeroLimit(limit: unknown): unknown {
  const isZero = typeof limit === "object" && limit !== null && Object.keys(limit).length === 0;
  return isZero ? { soft: 0, hard: 0 } : limit;
}

/** Each value by a function of key and value, in the same order; undefined takes the key out. */
function changed(fields: Json, change: (key: string, value: unknown) => unknown): Json {
  const entries = Object.entries(fields).map(([key, value]) => [key, change(key, value)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function fileObjects(objects: FileObjects, wanted: ReadonlySet<string>): Json {
  const chosen = [...objects].filter(([key]) => wanted.has(key)).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(chosen.map(([key, object]) => [key, fileObject(object)]));
}

function fileObject(object: FileObject): Json {
  const isInline = object.file === null && object.environment === null;
  return present({
    name: object.name,
    file: object.file ?? undefined,
    environment: object.environment ?? undefined,
    content: isInline ? object.content?.reveal() : undefined,
    external: object.external,
    labels: object.labels,
    driver: object.driver ?? undefined,
    driver_opts: object.driverOpts,
    template_driver: object.templateDriver ?? undefined,
  });
}

/** A build uses secrets too. */
function used(project: DesiredProject, kind: "secrets" | "configs"): ReadonlySet<string> {
  const refs = project.services.flatMap(({ spec }) => [
    ...(spec[kind] ?? []),
    ...(kind === "secrets" ? (spec.build?.secrets ?? []) : []),
  ]);
  return new Set(refs.map((ref) => ref.source));
}

function mapValues<T>(section: unknown, change: (value: T) => unknown): Json {
  const entries = Object.entries(section as Readonly<Record<string, T>>);
  return Object.fromEntries(entries.map(([key, value]) => [key, change(value)]));
}

function sorted(model: Json): Json {
  return Object.fromEntries(Object.entries(model).sort(([a], [b]) => (a < b ? -1 : 1)));
}
