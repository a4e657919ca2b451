// Logs docker in with the environment's credentials, in a private copy of its configuration that is taken away afterwards;
// where the environment has none, docker works with the user's own. The password goes in by standard input alone.
import { join, resolve } from "node:path";
import { parseReference } from "../../core/image/index.ts";
import { BoardhandError, Secret } from "../../core/model/index.ts";
import type { Scratch, ScratchDirectory } from "../../ports/index.ts";
import type { PipelineDeps } from "../deps.ts";
import type { StageFailure } from "../model.ts";
import { retrying } from "../retry.ts";
import { privateConfig } from "./docker-config.ts";
import { readFailure } from "./docker-words.ts";
import { environmentLogin, HUB, WITHOUT_LOGIN } from "./environment.ts";

export { type DockerFailure, readFailure } from "./docker-words.ts";
export { environmentLogin, WITHOUT_LOGIN, withEnvironment } from "./environment.ts";

const LOGIN_TIMEOUT_MS = 60_000;
/** What docker finds beside its config.json; some may not be there. */
const BESIDE: readonly string[] = ["cli-plugins", "contexts", "buildx", "certs.d"];

export interface LoggedIn {
  /** For the programs that push: where docker's configuration is, and no secrets. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Takes the password out of what a program says. */
  readonly redact: (text: string) => string;
}

export type LoginEnd =
  | { readonly ok: true; readonly login: LoggedIn }
  | { readonly ok: false; readonly failure: StageFailure };

export interface DockerLogin {
  /** Logs in at the first call; all calls have the same answer, so that a wrong password is sent once. */
  open(): Promise<LoginEnd>;
  /** Removes the private directory; to be called whatever has happened. */
  close(): Promise<void>;
}

type LoginDeps = Pick<PipelineDeps, "config" | "programs" | "clock" | "environment" | "signal"> & {
  readonly scratch: Scratch;
};

function failed(message: string, hint: string, code: StageFailure["code"] = "E_PUSH"): LoginEnd {
  return { ok: false, failure: { code, message, hint } };
}

function userDirectory({ environment }: LoginDeps): string | null {
  const { DOCKER_CONFIG: named, HOME: home } = environment;
  if (named !== undefined && named !== "") return resolve(named);
  return home === undefined || home === "" ? null : join(home, ".docker");
}

async function makeDirectory(deps: LoginDeps, host: string): Promise<ScratchDirectory | LoginEnd> {
  const from = userDirectory(deps);
  const path = from === null ? null : join(from, "config.json");
  const own = path === null ? null : await deps.scratch.read(path);
  const config = privateConfig(own?.reveal() ?? null, host);
  if (config === null) return failed(`${path} is not a JSON object`, "Repair it, or log in anew.");
  const links = from === null ? [] : BESIDE.map((name) => [name, join(from, name)] as const);
  return await deps.scratch.make({
    files: { "config.json": new Secret(config) },
    links: Object.fromEntries(links),
  });
}

function redactor(username: string, password: Secret): (text: string) => string {
  const pair = Buffer.from(`${username}:${password.reveal()}`).toString("base64");
  const hidden = [password.reveal(), encodeURIComponent(password.reveal()), pair];
  return (text) => hidden.reduce((rest, one) => rest.replaceAll(one, "[redacted]"), text);
}

/** By `docker --config DIRECTORY login`; its output is shown only when it fails. */
async function dockerLogin(
  deps: LoginDeps,
  host: string,
  { username, password }: { readonly username: string; readonly password: Secret },
  directory: string,
): Promise<LoginEnd> {
  const { programs, signal } = deps;
  // The variable of newer clients would win over the configuration.
  const environment = { ...WITHOUT_LOGIN, DOCKER_CONFIG: directory, DOCKER_AUTH_CONFIG: undefined };
  const redact = redactor(username, password);
  const server = host === HUB ? [] : [host];
  const args = ["--config", directory, "login", `--username=${username}`, "--password-stdin", ...server];
  const call = {
    command: "docker",
    args,
    environment,
    input: password,
    timeoutMs: LOGIN_TIMEOUT_MS,
    signal,
  };
  const end = await retrying(
    deps,
    () => programs.run(call),
    (one) => one.status !== 0 && readFailure(one).kind === "transient",
  );
  if (signal.aborted) return failed("the login was interrupted", "Run it again.", "E_ABORTED");
  if (end.status === 0) return { ok: true, login: { environment, redact } };
  const { kind, line } = readFailure(end);
  const hint =
    kind === "auth"
      ? "Check DOCKER_USERNAME and DOCKER_PASSWORD (an access token, where the account has a second factor); nothing is tried again with these."
      : "Check that the engine runs and reaches the registry; running it again is safe.";
  return failed(`${host} does not log DOCKER_USERNAME in: ${redact(line)}`, hint);
}

async function start(deps: LoginDeps, keep: (directory: ScratchDirectory) => void): Promise<LoginEnd> {
  const found = environmentLogin(deps.environment);
  if (found.kind === "half") return { ok: false, failure: found.failure };
  if (found.kind === "none") {
    return { ok: true, login: { environment: WITHOUT_LOGIN, redact: (text) => text } };
  }
  const { registry } = parseReference(deps.config.image);
  const made = await makeDirectory(deps, registry);
  if ("ok" in made) return made;
  keep(made);
  return await dockerLogin(deps, registry, found, made.path);
}

/** One login for a whole build. Nothing is made before the first `open`. */
export function createLogin(deps: LoginDeps): DockerLogin {
  const directories: ScratchDirectory[] = [];
  let opened: Promise<LoginEnd> | null = null;
  return {
    open() {
      opened ??= start(deps, (directory) => void directories.push(directory)).catch((error: unknown) => {
        if (!(error instanceof BoardhandError)) throw error;
        return failed(error.message, error.hint ?? "Run it again.");
      });
      return opened;
    },
    async close() {
      // A login under way writes into the directory until it ends.
      await opened?.catch(() => undefined);
      for (const directory of directories.splice(0)) await directory.remove();
    },
  };
}
