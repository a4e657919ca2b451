// The checks that look at this machine's own files and sockets: state directory, engine socket, credentials, tokens, port.
import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { access, open, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { readHookTokenFile, readSecretFile, readTokenFile } from "../../../adapters/config/index.ts";
import { type NamedHelper, surveyConfig } from "../../../adapters/credentials/index.ts";
import type { AgentConfig } from "../../../core/model/index.ts";
import { type Check, type Finding, fail, failed, ok, warn } from "../../../reconcile/doctor/check.ts";

export interface LocalDeps {
  readonly config: AgentConfig;
  /** Whether a Boardhand agent answers at `http.listen`. */
  readonly agentAnswers: () => Promise<boolean>;
}

export function localChecks({ config, agentAnswers }: LocalDeps): readonly Check[] {
  const { host, port, tokenFile } = config.http;
  return [
    { name: "socket", run: async () => [await socketFinding(config.docker.host)] },
    { name: "state", run: async () => [await stateFinding(config.state)] },
    { name: "credentials", run: () => credentialsFinding(config.registries.dockerConfig) },
    { name: "token", run: async () => [await tokenFinding(tokenFile)] },
    ...webhookChecks(config),
    { name: "port", run: async () => [await portFinding(host, port, agentAnswers)] },
  ];
}

async function socketFinding(address: string): Promise<Finding> {
  if (!address.startsWith("unix://")) return ok("socket", `${address} is no socket of this machine`);
  const path = address.slice("unix://".length);
  try {
    await access(path, constants.R_OK | constants.W_OK);
    return ok("socket", `${path} may be used`);
  } catch (error) {
    const hint =
      codeOf(error) === "ENOENT"
        ? "Start the engine, mount its socket, or set docker.host."
        : "Run as root or as a member of the socket's group.";
    return fail("socket", `${path} cannot be used (${codeOf(error)})`, hint);
  }
}

/** A file of its own is written, synced and removed again; the journal is not touched. */
async function stateFinding(directory: string): Promise<Finding> {
  // Not by the process id, which is 1 in every container.
  const probe = join(directory, `.doctor-${randomUUID()}`);
  try {
    const handle = await open(probe, "wx", 0o600);
    try {
      await handle.writeFile("probe\n");
      await handle.sync();
    } finally {
      await handle.close();
      await rm(probe);
    }
  } catch (error) {
    if (codeOf(error) === "ENOENT") {
      return warn(
        "state",
        `${directory} does not exist yet`,
        "`boardhand run` makes it; set `state:` for another place.",
      );
    }
    return fail(
      "state",
      `${directory} cannot be written (${codeOf(error)})`,
      "Check its owner, mode and disk.",
    );
  }
  return ok("state", `${directory} can be written and synced; ${await lockWords(directory)}`);
}

async function lockWords(directory: string): Promise<string> {
  try {
    const owner = JSON.parse(await readFile(join(directory, "lock"), "utf8")) as { pid?: unknown } | null;
    return Number.isSafeInteger(owner?.pid)
      ? `locked by process ${String(owner?.pid)}`
      : "its lock is unreadable";
  } catch (error) {
    return codeOf(error) === "ENOENT" ? "nobody has locked it" : "its lock is unreadable";
  }
}

async function credentialsFinding(path: string | null): Promise<readonly Finding[]> {
  if (path === null) return [ok("credentials", "none are configured: registries are asked anonymously")];
  try {
    const { logins, helpers } = await surveyConfig(path);
    if (logins === null) return [ok("credentials", `there is no ${path}: registries are asked anonymously`)];
    return [ok("credentials", `${path}: ${logins} registries`), ...helpers.map(helperFinding)];
  } catch (error) {
    return [failed("credentials", error)];
  }
}

function helperFinding({ program, hosts, installed }: NamedHelper): Finding {
  const whose = hosts === null ? "every registry" : hosts.join(", ");
  const name = `credentials ${program}`;
  if (installed) return ok(name, `is here, and is asked for ${whose}`);
  return warn(
    name,
    `is not here, and the login of ${whose} may be kept by it`,
    "Put it on the PATH of Boardhand (in a container: in its image), or log in with a config.json without helpers.",
  );
}

async function tokenFinding(path: string | null): Promise<Finding> {
  if (path === null) return ok("token", "there is none: changing calls are taken from loopback only");
  return await secretFinding("token", path, readTokenFile);
}

function webhookChecks({ webhooks }: AgentConfig): readonly Check[] {
  const { tokenFile, secretFiles } = webhooks;
  const name = "webhooks";
  if (tokenFile === null) {
    const off = ok(name, "there is no token for them: pushes are found by the schedule only");
    const hint = "Set webhooks.token_file; `boardhand doctor --new-token FILE` makes one.";
    const idle = warn(name, "webhooks.secret_files count for nothing without webhooks.token_file", hint);
    return [{ name, run: async () => [Object.keys(secretFiles).length === 0 ? off : idle] }];
  }
  const secrets = Object.entries(secretFiles).map(([provider, path]): Check => {
    const own = `${name} ${provider}`;
    return { name: own, run: async () => [await secretFinding(own, path, readSecretFile)] };
  });
  return [{ name, run: async () => [await secretFinding(name, tokenFile, readHookTokenFile)] }, ...secrets];
}

async function secretFinding(name: string, path: string, read: typeof readTokenFile): Promise<Finding> {
  const warnings: string[] = [];
  try {
    await read(path, (message) => void warnings.push(message));
    const [first] = warnings;
    if (first !== undefined) return warn(name, first, `chmod 600 ${path}`);
    return ok(name, `${path} holds a ${read === readSecretFile ? "secret" : "token"}`);
  } catch (error) {
    return failed(name, error);
  }
}

async function portFinding(
  host: string,
  port: number,
  agentAnswers: () => Promise<boolean>,
): Promise<Finding> {
  const code = await bindError(host, port);
  if (code === null) return ok("port", `${port} is free; no agent is running`);
  if (code === "EADDRINUSE" && (await agentAnswers()))
    return ok("port", `a Boardhand agent answers on ${port}`);
  const what = code === "EADDRINUSE" ? "is taken by another program" : `cannot be listened on (${code})`;
  return fail(
    "port",
    `${host}:${port} ${what}`,
    "Set http.listen to another address, or stop the other program.",
  );
}

/** Null when it can be listened on. */
async function bindError(host: string, port: number): Promise<string | null> {
  return await new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve(codeOf(error)));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : "unknown reason";
}
