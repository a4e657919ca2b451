// The small languages inside configuration values: durations, sizes, listen addresses. Refuses what it cannot read exactly.
import { isIP } from "node:net";

const DURATION_UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Longer waits than this are a slip of the pen (and overflow timers): 24 days, ms. */
const LONGEST_MS = 24 * 86_400_000;

/** `30s`, `5m`, `1h30m`, `0`; milliseconds, or null when it is none. */
export function parseDuration(text: string): number | null {
  if (text === "0") return 0;
  if (!/^(?:\d{1,9}(?:ms|s|m|h|d))+$/.test(text)) return null;
  let total = 0;
  let previous = Number.POSITIVE_INFINITY;
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|s|m|h|d)/g)) {
    const scale = DURATION_UNITS[unit ?? ""];
    // Units fall from left to right, so that `30m1h` and `5s5s` are seen as slips.
    if (scale === undefined || scale >= previous) return null;
    previous = scale;
    total += Number(count) * scale;
  }
  return total <= LONGEST_MS ? total : null;
}

const SIZE_UNITS: Readonly<Record<string, number>> = {
  b: 1,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
  t: 1024 ** 4,
};

/** `500MB`, `2G`, `1.5GiB`, `0`; bytes in powers of 1024 as docker compose counts them, or null. */
export function parseSize(text: string): number | null {
  if (text === "0") return 0;
  const match = /^(\d{1,9}(?:\.\d{1,3})?) ?(b|[kmgt](?:i?b)?)$/i.exec(text);
  const scale = SIZE_UNITS[(match?.[2] ?? "").charAt(0).toLowerCase()];
  if (match === null || scale === undefined) return null;
  const bytes = Math.floor(Number(match[1]) * scale);
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** `0.0.0.0:8080`, `localhost:8080`, `[::]:8080`; null when it is none. Port 0 lets the system choose. */
export function parseListen(text: string): { readonly host: string; readonly port: number } | null {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  return host === undefined || port > 65_535 ? null : { host, port };
}

/** An IPv4 or IPv6 address, or a range of them as `ADDRESS/BITS`. */
export function isAddressRange(text: string): boolean {
  const [address = "", bits, ...rest] = text.split("/");
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

/** `http://` or `https://` with a host and perhaps a port, and nothing else. */
export function isOrigin(text: string): boolean {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) return false;
  const { pathname, search, hash, username, password } = new URL(text);
  return pathname === "/" && [search, hash, username, password].every((part) => part === "");
}

/** Whether this system knows the time zone. */
export function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Whether it is a duration of at least so many milliseconds. */
export function isDurationOf(text: string, atLeast: number): boolean {
  return (parseDuration(text) ?? -1) >= atLeast;
}
