// Runs docker's credential helpers (docker/docker-credential-helpers): `docker-credential-NAME get`, the server on standard
// input, JSON on standard output. Never through a shell, never longer or more than the bounds, never from a relative path.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";
import { BoardhandError, Secret } from "../../core/model/index.ts";
import type { Clock, RegistryCredentials } from "../../ports/index.ts";

const TIMEOUT_MS = 10_000;
const OUTPUT_MAX_BYTES = 64 * 1024;
/** A round of a hundred images is one question to the helper; what it hands out lives for hours. */
const KEPT_MS = 5 * 60_000;
const KEPT_MAX = 100;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** What a helper answers, with exit code 1, for a server that it does not know. */
const NOT_FOUND = "credentials not found in native keychain";
/** The user name that stands for "the secret is an identity token". */
const TOKEN_USER = "<token>";

export interface Helpers {
  /**
   * Null when the helper does not know the server. Throws E_REGISTRY_AUTH when it is not there or does not work. `stamp`
   * is the config file's: an answer of before its last change is not used.
   */
  get(name: string, server: string, stamp: string): Promise<RegistryCredentials | null>;
}

interface Kept {
  readonly stamp: string;
  readonly until: number;
  readonly answer: Promise<RegistryCredentials | null>;
}

function failure(what: string, hint: string): BoardhandError {
  return new BoardhandError("E_REGISTRY_AUTH", what, { retry: "backoff", hint });
}

/** The program's absolute path; null when it is not in PATH, or the name is none. */
export async function findHelper(name: string): Promise<string | null> {
  if (!NAME.test(name)) return null;
  for (const directory of (process.env.PATH ?? "").split(delimiter).filter(isAbsolute)) {
    const path = join(directory, `docker-credential-${name}`);
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      // The next directory may have it.
    }
  }
  return null;
}

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Ends the helper and whatever it has started: it leads a process group of its own. */
function kill(child: ChildProcessWithoutNullStreams): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

function run(path: string, input: string): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(path, ["get"], { stdio: "pipe", shell: false, detached: true });
    const stop = (why: string) => {
      clearTimeout(late);
      kill(child);
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
      reject(failure(why, "Run it by hand to see what it does."));
    };
    const late = setTimeout(() => stop(`${path} did not end within ${TIMEOUT_MS / 1000} s`), TIMEOUT_MS);
    const chunks: Buffer[] = [];
    let bytes = 0;
    child.stdout.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > OUTPUT_MAX_BYTES) stop(`${path} wrote more than ${OUTPUT_MAX_BYTES} bytes`);
    });
    child.stderr.resume();
    // A helper may end without having read anything.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    child.once("error", (error) => stop(`${path} cannot be run (${error.message})`));
    child.once("close", (code) => {
      clearTimeout(late);
      // Decoded as a whole: a chunk may end within a letter.
      resolve({ code, output: Buffer.concat(chunks).toString("utf8") });
    });
  });
}

/** A helper's own words, unless they may be what it should have kept to itself. */
function words(output: string): string {
  const line = output.trim().split("\n")[0]?.slice(0, 200) ?? "";
  return line === "" || /["{}]/.test(line) ? "" : `: ${line}`;
}

function readAnswer(path: string, server: string, { code, output }: Ended): RegistryCredentials | null {
  if (code !== 0) {
    if (output.includes(NOT_FOUND)) return null;
    throw failure(
      `${path} failed (exit code ${code ?? "none"})${words(output)}`,
      "Log in again with docker login.",
    );
  }
  let parsed: { readonly Username?: unknown; readonly Secret?: unknown } | null;
  try {
    parsed = JSON.parse(output);
  } catch {
    // The parser's message would quote the answer, which holds the secret.
    throw failure(`${path} did not answer in JSON`, "Run it by hand, or use another helper.");
  }
  const { Username: username, Secret: secret } = parsed ?? {};
  if (typeof username !== "string" || typeof secret !== "string") {
    throw failure(`${path} answered without Username and Secret`, "Run it by hand, or use another helper.");
  }
  const isToken = username === TOKEN_USER;
  return {
    username: isToken ? "" : username,
    password: new Secret(isToken ? "" : secret),
    identityToken: isToken ? new Secret(secret) : null,
    serverAddress: server,
  };
}

async function ask(name: string, server: string): Promise<RegistryCredentials | null> {
  const path = await findHelper(name);
  if (path === null) {
    const program = NAME.test(name) ? `docker-credential-${name}` : "a helper whose name is none";
    throw failure(
      `they are kept by ${program}, which is not here`,
      "Put that program on the PATH of Boardhand (in a container: in its image), or log in with a config.json without " +
        "credsStore and credHelpers, and name that in registries.docker_config.",
    );
  }
  return readAnswer(path, server, await run(path, server));
}

export function createHelpers(clock: Pick<Clock, "monotonic">): Helpers {
  const kept = new Map<string, Kept>();
  return {
    async get(name, server, stamp) {
      const key = `${name} ${server}`;
      const before = kept.get(key);
      if (before?.stamp === stamp && clock.monotonic() < before.until) return await before.answer;
      const answer = ask(name, server);
      kept.delete(key);
      kept.set(key, { stamp, until: clock.monotonic() + KEPT_MS, answer });
      const oldest = kept.keys().next();
      if (kept.size > KEPT_MAX && oldest.done !== true) kept.delete(oldest.value);
      // What failed is asked for again: the helper may have been installed in the meantime.
      answer.catch(() => kept.delete(key));
      return await answer;
    },
  };
}
