// Durations as compose writes them: Go's syntax plus days and weeks, a unit always required.

const UNITS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
  d: 24 * 3600e9,
  w: 7 * 24 * 3600e9,
};
const PART = /(?:(\d+)\.?(\d*)|\.(\d+))(ns|us|µs|μs|ms|s|m|h|d|w)/y;
/** Nanoseconds in an int64, what the engine's fields hold. */
const MAX_NANOSECONDS = 2 ** 63;

/** `1m30s`, `1w2d`, `-5s`, `0` in nanoseconds; null when it is not a duration or longer than 292 years. */
export function parseDuration(text: string): number | null {
  const sign = text.startsWith("-") ? -1 : 1;
  const parts = text.replace(/^[-+]/, "");
  if (parts === "0") return 0;
  if (parts === "" || parts.length > 64) return null;
  let total = 0;
  let index = 0;
  while (index < parts.length) {
    PART.lastIndex = index;
    const part = PART.exec(parts);
    if (part === null) return null;
    total += nanoseconds(part[1] ?? "", part[2] ?? part[3] ?? "", UNITS[part[4] ?? ""] ?? 0);
    index = PART.lastIndex;
  }
  return total >= MAX_NANOSECONDS ? null : sign * total;
}

/** What is behind the point is cut to whole nanoseconds, computed as Go does it. */
function nanoseconds(whole: string, fraction: string, unit: number): number {
  const rest = fraction === "" ? 0 : Math.trunc(Number(fraction) * (unit / 10 ** fraction.length));
  return Number(whole) * unit + rest;
}
