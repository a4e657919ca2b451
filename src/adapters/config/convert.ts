// From the checked file form to AgentConfig: units become numbers, relative paths absolute. Assumes the schema has passed.
import { resolve } from "node:path";
import type { AgentConfig, ProjectEntry } from "../../core/model/index.ts";
import type { FileForm } from "./schema.ts";
import { parseDuration, parseListen, parseSize } from "./units.ts";

/** `baseOf` gives the directory that a relative path at this key counts from. */
export function toAgentConfig(form: FileForm, baseOf: (path: readonly string[]) => string): AgentConfig {
  const path = (text: string, ...key: readonly string[]): string => resolve(baseOf(key), text);
  const optionalPath = (text: string | null, ...key: readonly string[]): string | null =>
    text === null ? null : path(text, ...key);
  const { tls } = form.docker;
  return {
    projects:
      typeof form.projects === "string"
        ? path(form.projects, "projects")
        : form.projects.map((entry) => projectEntry(entry, baseOf(["projects"]))),
    compose: { lenient: form.compose.lenient },
    schedule: form.schedule,
    timezone: form.timezone,
    jitterMs: parseDuration(form.jitter) ?? 0,
    platform: form.platform,
    docker: {
      host: form.docker.host,
      tls:
        tls === null
          ? null
          : {
              ca: path(tls.ca, "docker", "tls", "ca"),
              cert: path(tls.cert, "docker", "tls", "cert"),
              key: path(tls.key, "docker", "tls", "key"),
            },
    },
    registries: registries(form, optionalPath),
    rollout: {
      order: form.rollout.order,
      monitorMs: parseDuration(form.rollout.monitor) ?? 0,
      failureAction: form.rollout.failure_action,
      healthTimeoutMs: parseDuration(form.rollout.health_timeout) ?? 0,
    },
    images: {
      keep: form.images.keep,
      minFreeSpaceBytes: parseSize(form.images.min_free_space) ?? 0,
      prune: form.images.prune,
    },
    http: http(form, optionalPath),
    webhooks: webhooks(form, optionalPath),
    drift: form.drift,
    orphans: form.orphans,
    selfUpdate: form.self_update,
    state: path(form.state, "state"),
    log: { level: form.log.level },
  };
}

type OptionalPath = (text: string | null, ...key: readonly string[]) => string | null;

function registries({ registries }: FileForm, path: OptionalPath): AgentConfig["registries"] {
  const files = Object.entries(registries.ca).flatMap(([host, text]) => {
    const file = path(text, "registries", "ca");
    return file === null ? [] : [[host, file] as const];
  });
  const mirrors = Object.entries(registries.mirrors).map(
    ([host, addresses]) => [host, addresses.map((address) => new URL(address).origin)] as const,
  );
  return {
    insecure: registries.insecure,
    mirrors: Object.fromEntries(mirrors),
    aliases: registries.aliases,
    ca: Object.fromEntries(files),
    dockerConfig: path(registries.docker_config, "registries", "docker_config"),
    timeoutMs: parseDuration(registries.timeout) ?? 0,
    parallelism: registries.parallelism,
  };
}

function http({ http }: FileForm, path: OptionalPath): AgentConfig["http"] {
  const { host, port } = parseListen(http.listen) ?? { host: "127.0.0.1", port: 8080 };
  const tokenFile = path(http.token_file, "http", "token_file");
  return { host, port, tokenFile, trustedProxies: http.trusted_proxies };
}

function webhooks(form: FileForm, path: OptionalPath): AgentConfig["webhooks"] {
  const { token_file, secret_files, callback } = form.webhooks;
  const files = Object.entries(secret_files).flatMap(([provider, text]) => {
    const file = path(text, "webhooks", "secret_files", provider);
    return file === null ? [] : [[provider, file] as const];
  });
  return {
    tokenFile: path(token_file, "webhooks", "token_file"),
    secretFiles: Object.fromEntries(files),
    callback,
  };
}

function projectEntry(entry: Exclude<FileForm["projects"], string>[number], base: string): ProjectEntry {
  const directory = resolve(base, entry.directory);
  return {
    name: entry.name,
    directory,
    files: entry.files.map((file) => resolve(directory, file)),
    envFiles: entry.env_files.map((file) => resolve(directory, file)),
    environment: entry.environment,
    profiles: entry.profiles,
  };
}
