// What the secrets and configs of one service come to in its container, and why some cannot be had outside a swarm.
import type { DesiredService, FileRefSpec, FileText, ServiceFile, ServiceSpec } from "../../model/index.ts";
import type { Origin } from "../errors.ts";
import type { FormContext } from "../forms/context.ts";
import { SECRETS_DIRECTORY } from "../forms/file-refs.ts";
import type { FileObject, FileObjects } from "./file-objects.ts";

export interface FileSections {
  readonly secrets: FileObjects;
  readonly configs: FileObjects;
}

/** What everybody may read and nobody write, unless `mode` says otherwise. */
const DEFAULT_MODE = 0o444;

/** The service with its files, and with what speaks against them among its refusals. */
export function withFiles(service: DesiredService, sections: FileSections): DesiredService {
  const { spec, refusals } = service;
  const files = serviceFiles(spec, sections);
  return { ...service, files, refusals: [...refusals, ...fileRefusals(spec, sections)] };
}

/** Secrets before configs, in the order they are written; what has nothing to put there is left out. */
function serviceFiles(spec: ServiceSpec, sections: FileSections): readonly ServiceFile[] {
  return uses(spec, sections).flatMap(({ kind, ref, object }) => {
    const empty = object.file === null && (object.content === null || object.content.reveal() === "");
    return empty ? [] : [serviceFile(kind, ref, object)];
  });
}

/** Why the service cannot have one of its secrets or configs, each reading on after "the service …". */
function fileRefusals(spec: ServiceSpec, sections: FileSections): readonly string[] {
  return uses(spec, sections).flatMap(({ kind, ref, object }) => {
    const why = refusal(spec, ref, object);
    return why === null ? [] : [`uses the ${kind} "${ref.source}", which ${why}`];
  });
}

interface Use {
  readonly kind: ServiceFile["kind"];
  readonly ref: FileRefSpec;
  readonly object: FileObject;
}

function uses(spec: ServiceSpec, { secrets, configs }: FileSections): readonly Use[] {
  const found = (kind: Use["kind"], refs: readonly FileRefSpec[] | undefined, objects: FileObjects): Use[] =>
    (refs ?? []).flatMap((ref) => {
      const object = objects.get(ref.source);
      return object === undefined ? [] : [{ kind, ref, object }];
    });
  return [...found("secret", spec.secrets, secrets), ...found("config", spec.configs, configs)];
}

function serviceFile(kind: Use["kind"], ref: FileRefSpec, object: FileObject): ServiceFile {
  return {
    kind,
    source: ref.source,
    target: absoluteTarget(kind, ref),
    mounted: object.file,
    uid: ref.uid === undefined ? null : Number(ref.uid),
    gid: ref.gid === undefined ? null : Number(ref.gid),
    mode: ref.mode === undefined ? DEFAULT_MODE : Number.parseInt(ref.mode, 8) & 0o7777,
  };
}

/** A relative target is below `/run/secrets` or the root. */
function absoluteTarget(kind: Use["kind"], { source, target }: FileRefSpec): string {
  const path = target ?? source;
  if (path.startsWith("/")) return path;
  return kind === "secret" ? `${SECRETS_DIRECTORY}/${path}` : `/${path}`;
}

function refusal(spec: ServiceSpec, ref: FileRefSpec, object: FileObject): string | null {
  if (object.external) return "is external: only a swarm keeps those";
  if (object.driver !== null) return "has a driver: only a swarm runs those";
  if (object.templateDriver !== null) return "has a template_driver: only a swarm runs those";
  if (object.file !== null) return null;
  if (object.content === null) return `needs the variable ${object.environment}, which is not set`;
  if (object.content.reveal() === "") return null;
  if (spec.read_only === true) return "cannot be copied into a container that is read_only; use file";
  const owner = [ref.uid, ref.gid].find((id) => id !== undefined && !/^\d{1,9}$/.test(id));
  return owner === undefined ? null : `has an owner that is no number: ${owner}`;
}

/** Owners and permissions of what is mounted: docker compose takes them and does nothing with them. */
export function warnOfIgnored(
  service: { readonly spec: ServiceSpec; at(key: string): Origin },
  sections: FileSections,
  warn: FormContext["warn"],
): void {
  for (const { kind, ref, object } of uses(service.spec, sections)) {
    const ignored = (["uid", "gid", "mode"] as const).filter((key) => ref[key] !== undefined);
    if (object.file === null || ignored.length === 0) continue;
    const what = `${ignored.join(", ")} of "${ref.source}" without effect: a file is mounted as it is`;
    warn(service.at(`${kind}s`), what);
  }
}

/** Every text of both sections, for the steps that copy them. */
export function fileTexts({ secrets, configs }: FileSections): readonly FileText[] {
  return [...textsOf("secret", secrets), ...textsOf("config", configs)];
}

function textsOf(kind: FileText["kind"], objects: FileObjects): readonly FileText[] {
  return [...objects.values()].flatMap(({ key, content }) =>
    content === null ? [] : [{ kind, source: key, content }],
  );
}
