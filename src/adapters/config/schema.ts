// The file form of the configuration: every key, its type and its default (design.md section 5). Unknown keys are refused.
// Each message is what would have been right; problems.ts puts what was found before it.
import * as z from "zod";
import { SECRET_PROVIDERS } from "../../core/model/index.ts";
import { isAddressRange, isOrigin, isTimezone, parseDuration, parseListen, parseSize } from "./units.ts";

/** Where the configuration is looked for when nothing names another file. */
export const DEFAULT_CONFIG_FILE = "/etc/boardhand/boardhand.yml";

const DURATION = "a duration such as 30s, 5m or 1h30m";
const SIZE = "a size such as 500MB or 2GB (powers of 1024)";
const PLATFORM =
  "auto, linux/amd64, linux/386, linux/arm64, linux/arm/v7, linux/arm/v6, linux/arm/v5 or linux/riscv64";
const HOST = "unix:///path/to.sock or tcp://host:port";
const LISTEN = "an address and a port such as 0.0.0.0:8080 or [::]:8080";
const ADDRESS_RANGE = "an address such as 127.0.0.1, or a range such as 172.16.0.0/12";
const PROJECT_NAME = "a project name: lower-case letters, digits, - and _, beginning with a letter or digit";

const PLATFORM_PATTERN = /^(?:auto|linux\/(?:amd64|386|arm64|arm\/v[567]|riscv64))$/;
const DOCKER_HOST_PATTERN = /^(?:unix:\/\/\/.+|tcp:\/\/(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):\d{1,5})$/;
const REGISTRY = "host or host:port, without http://";
const MIRROR = "the address of a mirror such as https://mirror.lan:5000, without a path";
const REGISTRY_PATTERN = /^(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(?::\d{1,5})?$/;

function path(what: string) {
  return z.string({ error: what }).min(1, { error: what }).max(4096, { error: what });
}

function secretFile(what: string) {
  return path(`the path of a file that holds ${what}, or null`).nullable().default(null);
}

function duration(what: string) {
  return z.string({ error: what }).refine((text) => parseDuration(text) !== null, { error: what });
}

function choice<const T extends readonly [string, ...string[]]>(values: T) {
  return z.enum(values, { error: `one of ${values.join(", ")}` });
}

const flag = z.boolean({ error: "true or false" });

function whole(min: number, max: number) {
  const error = `a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

function list<T extends z.ZodType>(item: T, what: string) {
  return z.array(item, { error: what }).max(500, { error: `${what}, at most 500` });
}

const section = "keys with values, indented below it; or leave the whole key out";

const registryName = z.string({ error: REGISTRY }).regex(REGISTRY_PATTERN, { error: REGISTRY });

const projectEntry = z.strictObject(
  {
    name: z
      .string({ error: PROJECT_NAME })
      .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, { error: PROJECT_NAME })
      .nullable()
      .default(null),
    directory: path("the directory of the project"),
    files: list(path("a compose file"), "a list of compose files").default([]),
    env_files: list(path("an environment file"), "a list of environment files").default([]),
    environment: z
      .record(z.string(), z.string({ error: "a text" }), { error: "names with values" })
      .default({}),
    profiles: list(z.string({ error: "the name of a profile" }), "a list of profiles").default([]),
  },
  { error: "a mapping with at least `directory`" },
);

/** The configuration file, checked; after parsing every key is there. */
export const fileSchema = z.strictObject(
  {
    projects: z
      .union([path("a directory"), list(projectEntry, "a list of projects")], {
        error: "a directory whose sub-directories are projects, or a list of {directory: …}",
      })
      .default("/projects"),
    compose: z.strictObject({ lenient: flag.default(false) }, { error: section }).prefault({}),
    schedule: z.string({ error: "a cron expression such as */5 * * * *" }).max(200).default("*/5 * * * *"),
    timezone: z
      .string({ error: "a time zone such as Europe/Zurich, or null" })
      .refine(isTimezone, { error: "a time zone such as Europe/Zurich, or null" })
      .nullable()
      .default(null),
    jitter: duration(DURATION).default("30s"),
    platform: z.string({ error: PLATFORM }).regex(PLATFORM_PATTERN, { error: PLATFORM }).default("auto"),
    docker: z
      .strictObject(
        {
          host: z
            .string({ error: HOST })
            .regex(DOCKER_HOST_PATTERN, { error: HOST })
            .default("unix:///var/run/docker.sock"),
          tls: z
            .strictObject(
              {
                ca: path("the file of the certificate authority"),
                cert: path("the file of the client's certificate"),
                key: path("the file of the client's key"),
              },
              { error: "null, or the three files ca, cert and key" },
            )
            .nullable()
            .default(null),
        },
        { error: section },
      )
      .prefault({}),
    registries: z
      .strictObject(
        {
          insecure: list(registryName, "a list of host:port").default([]),
          mirrors: z
            .record(
              registryName,
              list(z.string({ error: MIRROR }).refine(isOrigin, { error: MIRROR }), "a list of mirrors"),
              { error: "registries with lists of their mirrors" },
            )
            .default({}),
          aliases: z
            .record(registryName, list(registryName, "a list of other names"), {
              error: "registries with lists of their other names",
            })
            .default({}),
          ca: z
            .record(registryName, path("the file of a certificate authority"), {
              error: "registries with files",
            })
            .default({}),
          docker_config: path("the path of a docker config.json, or null")
            .nullable()
            .default("/root/.docker/config.json"),
          timeout: duration(DURATION)
            .refine((text) => (parseDuration(text) ?? 1) > 0, { error: "a duration above 0, such as 20s" })
            .default("20s"),
          parallelism: whole(1, 32).default(4),
        },
        { error: section },
      )
      .prefault({}),
    rollout: z
      .strictObject(
        {
          order: choice(["stop-first", "start-first"]).default("stop-first"),
          monitor: duration(DURATION).default("30s"),
          failure_action: choice(["rollback", "pause", "continue"]).default("rollback"),
          health_timeout: duration(DURATION)
            .refine((text) => (parseDuration(text) ?? 1) > 0, { error: "a duration above 0, such as 5m" })
            .default("5m"),
        },
        { error: section },
      )
      .prefault({}),
    images: z
      .strictObject(
        {
          keep: whole(0, 3).default(1),
          min_free_space: z
            .string({ error: SIZE })
            .refine((text) => parseSize(text) !== null, { error: SIZE })
            .default("500MB"),
          prune: flag.default(true),
        },
        { error: section },
      )
      .prefault({}),
    http: z
      .strictObject(
        {
          listen: z
            .string({ error: LISTEN })
            .refine((text) => parseListen(text) !== null, { error: LISTEN })
            .default("0.0.0.0:8080"),
          token_file: secretFile("the token"),
          trusted_proxies: list(
            z
              .string({ error: ADDRESS_RANGE })
              .refine((text) => isAddressRange(text), { error: ADDRESS_RANGE }),
            "a list of addresses",
          ).default([]),
        },
        { error: section },
      )
      .prefault({}),
    webhooks: z
      .strictObject(
        {
          token_file: secretFile("the token"),
          secret_files: z
            .strictObject(
              Object.fromEntries(SECRET_PROVIDERS.map((name) => [name, secretFile("the secret")])),
              { error: section },
            )
            .prefault({}),
          callback: flag.default(false),
        },
        { error: section },
      )
      .prefault({}),
    drift: choice(["leave", "restore"]).default("leave"),
    orphans: choice(["report", "remove"]).default("report"),
    self_update: choice(["auto", "notify", "off"]).default("auto"),
    state: path("a directory").default("/data"),
    log: z
      .strictObject({ level: choice(["debug", "info", "warn", "error"]).default("info") }, { error: section })
      .prefault({}),
  },
  { error: "keys with values" },
);

export type FileForm = z.output<typeof fileSchema>;

/** The JSON Schema of the file form, for editors and for finding the scalars that the environment may override. */
export function jsonSchema(): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(fileSchema, { io: "input", target: "draft-2020-12" });
}
