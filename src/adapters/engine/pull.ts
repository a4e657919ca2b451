// Pulls one image by digest and reads the stream itself: an error inside an answer of status 200 is an error.
import { object, text } from "../../core/model/engine-json.ts";
import { BoardhandError, formatPlatform } from "../../core/model/index.ts";
import type { Clock, Engine, RegistryCredentials } from "../../ports/index.ts";
import { parseJson, readLines } from "./body.ts";
import { aborted, pullFailed, pullSilent, unavailable } from "./errors.ts";
import { createPullFold } from "./progress.ts";
import type { Transport } from "./transport.ts";

const MAX_LINE = 64 * 1024;
/** A pull that says nothing for so long is stuck; a slow layer still reports its bytes. */
const SILENCE_MS = 5 * 60_000;

type PullArguments = Parameters<Engine["pullImage"]>;

/**
 * Resolves when the engine has the image. Throws BoardhandError E_PULL (the engine's words), E_ABORTED,
 * E_ENGINE_UNAVAILABLE.
 */
export async function pullImage(
  transport: Transport,
  clock: Clock,
  [request, onProgress, signal]: PullArguments,
): Promise<void> {
  const image = `${request.name}@${request.digest}`;
  const silence = watchSilence(clock, SILENCE_MS);
  const either = AbortSignal.any([signal, silence.signal]);
  try {
    const body = await transport.open({
      what: `pull ${image}`,
      method: "POST",
      path: "/images/create",
      query: { fromImage: request.name, tag: request.digest, platform: formatPlatform(request.platform) },
      headers: registryAuth(request.credentials),
      // Engines send the head only when the registry has answered.
      timeoutMs: SILENCE_MS,
      signal: either,
    });
    const fold = createPullFold();
    for await (const line of readLines(body, MAX_LINE, `pull ${image}`)) {
      silence.touch();
      const message = parseLine(line, image);
      const failure = errorIn(message);
      if (failure !== null) throw pullFailed(image, failure, null);
      const progress = fold.add(message);
      if (progress !== null) onProgress(progress);
    }
    either.throwIfAborted();
  } catch (error) {
    throw explain(error, image, signal, silence.signal);
  } finally {
    silence.end();
  }
}

function explain(error: unknown, image: string, caller: AbortSignal, silence: AbortSignal): BoardhandError {
  if (caller.aborted) return aborted(`pull ${image}`, caller.reason);
  if (silence.aborted) return pullSilent(image, SILENCE_MS);
  if (error instanceof BoardhandError) {
    const { status, reason } = error.data;
    return typeof status === "number" && typeof reason === "string"
      ? pullFailed(image, reason, status)
      : error;
  }
  return unavailable(`pull ${image}`, error);
}

function parseLine(line: string, image: string): unknown {
  try {
    return parseJson(line, `pull ${image}`);
  } catch {
    throw pullFailed(image, `the progress stream is not JSON: ${JSON.stringify(line.slice(0, 80))}`, null);
  }
}

/** `error` is deprecated since API 1.48 and `errorDetail` unknown to some proxies: either counts. */
function errorIn(message: unknown): string | null {
  const line = object(message);
  if (line.errorDetail === undefined && line.error === undefined) return null;
  return text(object(line.errorDetail).message) || text(line.error) || "it gave no reason";
}

function loginOf(credentials: RegistryCredentials): Readonly<Record<string, string>> {
  const { username, password, identityToken, registryToken } = credentials;
  if (registryToken !== undefined) return { registrytoken: registryToken.reveal() };
  if (identityToken !== null) return { identitytoken: identityToken.reveal() };
  return { username, password: password.reveal() };
}

function registryAuth(credentials: RegistryCredentials | null): Readonly<Record<string, string>> {
  if (credentials === null) return {};
  const content = { ...loginOf(credentials), serveraddress: credentials.serverAddress };
  // Padding is wanted: old engines decode with Go's URLEncoding, which insists on it.
  const encoded = Buffer.from(JSON.stringify(content))
    .toString("base64")
    .replace(/\+/g, "-")
    .replace(/\//g, "_");
  return { "X-Registry-Auth": encoded };
}

/** A signal that aborts after `ms` without a `touch`. */
function watchSilence(clock: Clock, ms: number): { signal: AbortSignal; touch(): void; end(): void } {
  const silent = new AbortController();
  const done = new AbortController();
  let heard = clock.monotonic();
  const watch = async (): Promise<void> => {
    for (;;) {
      const left = heard + ms - clock.monotonic();
      if (left <= 0) break;
      await clock.sleep(left, done.signal);
    }
    silent.abort();
  };
  watch().catch(() => undefined);
  return {
    signal: silent.signal,
    touch: () => {
      heard = clock.monotonic();
    },
    end: () => done.abort(),
  };
}
