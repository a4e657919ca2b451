// pino behind the Log port. Refuses to print secrets: Secret values, environments, auth headers and URL passwords.
import type { Writable } from "node:stream";
import { pino, stdSerializers } from "pino";
import { prettyFactory } from "pino-pretty";
import { BoardhandError, Secret } from "../../core/model/index.ts";
import type { Log, LogFields } from "../../ports/index.ts";

export interface LogOptions {
  readonly level: "debug" | "info" | "warn" | "error";
  /** Lines for people instead of JSON; for terminals. */
  readonly pretty: boolean;
  readonly colour?: boolean;
  /** Where lines go; standard error when left out, since standard output belongs to results. */
  readonly stream?: Writable;
}

const REDACTED = "[redacted]";
const MAX_DEPTH = 6;
const MAX_TEXT = 4_000;
const MAX_ITEMS = 100;

/** Keys whose value is never printed, whatever it is. */
const SECRET_KEY =
  /^(?:env|environment|authorization|proxy-authorization|x-registry-auth|x-registry-config|cookie|set-cookie|token|identitytoken|registrytoken|password|passwd|secret|credentials|auth|auths)$/i;

export function createLog(options: LogOptions): Log {
  const target = options.stream ?? process.stderr;
  const pretty = options.pretty
    ? prettyFactory({
        colorize: options.colour ?? false,
        ignore: "pid,hostname",
        translateTime: "SYS:HH:MM:ss",
        singleLine: true,
      })
    : null;
  const destination = {
    write(line: string): void {
      target.write(pretty === null ? line : pretty(line));
    },
  };
  const logger = pino(
    { level: options.level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    destination,
  );
  return {
    debug: (fields, message) => logger.debug(printable(fields), tidy(message)),
    info: (fields, message) => logger.info(printable(fields), tidy(message)),
    warn: (fields, message) => logger.warn(printable(fields), tidy(message)),
    error: (fields, message) => logger.error(printable(fields), tidy(message)),
  };
}

function printable(fields: LogFields): Record<string, unknown> {
  return safe(fields, MAX_DEPTH) as Record<string, unknown>;
}

/** A copy that may be printed: no secrets, no cycles (the depth ends them), no endless texts. */
function safe(value: unknown, depth: number): unknown {
  if (typeof value === "string") return tidy(value);
  if (typeof value === "bigint") return String(value);
  if (typeof value === "function" || typeof value === "symbol") return `[${typeof value}]`;
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Secret) return REDACTED;
  if (depth === 0) return "[…]";
  if (value instanceof Error) return safeError(value, depth);
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => safe(item, depth - 1));
  if (value instanceof Date) return value;
  const entries = Object.entries(value).slice(0, MAX_ITEMS);
  return Object.fromEntries(
    entries.map(([key, item]) => [
      key,
      SECRET_KEY.test(key) && item !== null ? REDACTED : safe(item, depth - 1),
    ]),
  );
}

function safeError(error: Error, depth: number): unknown {
  const cause = error.cause === undefined ? {} : { cause: safe(error.cause, depth - 1) };
  if (error instanceof BoardhandError) {
    // Its code and place say where it came from; the stack would be the adapter's.
    const { code, retry, hint, data } = error;
    return { code, message: tidy(error.message), retry, hint, data: safe(data, depth - 1), ...cause };
  }
  const { type, stack } = stdSerializers.err(error);
  return { type, message: tidy(error.message), stack: tidy(stack), ...cause };
}

/** Passwords in URLs and bearer or basic credentials in texts are cut out; control characters cannot forge lines. */
function tidy(text: string): string {
  return (
    text
      .slice(0, MAX_TEXT)
      .replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*):[^\s/@]+@/gi, `$1:${REDACTED}@`)
      .replace(/\b(bearer|basic) [A-Za-z0-9._~+/=-]{8,}/gi, `$1 ${REDACTED}`)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal escapes from containers and registries
      .replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, "")
  );
}
