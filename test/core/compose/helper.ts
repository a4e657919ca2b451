// Compose texts to projects without a disk, for the tests of this folder.
import { parseYaml } from "../../../src/adapters/yaml/index.ts";
import {
  type CompiledProject,
  compileProject,
  prepareProject,
  type Reading,
} from "../../../src/core/compose/index.ts";
import {
  BoardhandError,
  type CheckSchema,
  type DesiredService,
  type ServiceSpec,
} from "../../../src/core/model/index.ts";

export interface Setting {
  readonly env?: Readonly<Record<string, string>>;
  readonly profiles?: readonly string[];
  readonly name?: string | null;
  readonly directory?: string;
  /** Texts of env_files, and of files that are extended or included, by absolute path. */
  readonly envFiles?: Readonly<Record<string, string>>;
  /** Held against the document when given. */
  readonly schema?: CheckSchema;
}

/** Each text is one file: `/srv/app/0.yaml`, `/srv/app/1.yaml`, … */
export function compileFiles(texts: readonly string[], setting: Setting = {}): CompiledProject {
  const files = texts.map((text, index) => {
    const path = `/srv/app/${index}.yaml`;
    return { path, documents: parseYaml(text, path) };
  });
  const work = prepareProject({
    files,
    parse: parseYaml,
    directory: setting.directory ?? "/srv/app",
    name: setting.name ?? null,
    environment: new Map(Object.entries(setting.env ?? {})),
    profiles: setting.profiles ?? [],
    environmentFiles: [],
    ...(setting.schema === undefined ? {} : { schema: { check: setting.schema, lenient: false } }),
  });
  const prepared = finish(work, setting.envFiles);
  const wanted = prepared.envFiles.map(({ path }) => [path, setting.envFiles?.[path] ?? null] as const);
  return compileProject(prepared, new Map(wanted));
}

/** Does work whose further files are all at hand. */
export function finish<T>(work: Reading<T>, texts: Readonly<Record<string, string>> = {}): T {
  let step = work.next();
  while (step.done !== true) step = work.next(texts[step.value] ?? null);
  return step.value;
}

export function compile(text: string, setting: Setting = {}): CompiledProject {
  return compileFiles([text], setting);
}

/** The service `web`, whose keys beside the image are `body`, one a line. */
export function web(body: string, setting: Setting = {}, rest = ""): DesiredService {
  const lines = body.split("\n").map((line) => `    ${line}\n`);
  const { project } = compile(`services:\n  web:\n    image: nginx\n${lines.join("")}${rest}`, setting);
  const found = project.services.find((service) => service.name === "web");
  if (found === undefined) throw new Error("there is no service web");
  return found;
}

export function spec(body: string, setting: Setting = {}, rest = ""): ServiceSpec {
  return web(body, setting, rest).spec;
}

/** The BoardhandError that `work` throws; anything else fails the test. */
export function refusal(work: () => unknown): BoardhandError {
  try {
    work();
  } catch (error) {
    if (error instanceof BoardhandError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}
