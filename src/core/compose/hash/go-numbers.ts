// How Go prints durations and 32-bit floats; the hash has both inside.
import type { Encoded } from "./go-json.ts";

const NANOSECONDS = { hour: 3_600_000_000_000n, minute: 60_000_000_000n, second: 1_000_000_000n } as const;

/** `1m30s`, `500ms`, `24h0m0s`: Go's `time.Duration.String()`. `nanoseconds` is a whole number. */
export function goDuration(nanoseconds: number): string {
  const signed = BigInt(Math.trunc(nanoseconds));
  if (signed === 0n) return "0s";
  const sign = signed < 0n ? "-" : "";
  const total = signed < 0n ? -signed : signed;
  if (total < 1_000n) return `${sign}${total}ns`;
  if (total < 1_000_000n) return `${sign}${decimal(total, 3)}µs`;
  if (total < NANOSECONDS.second) return `${sign}${decimal(total, 6)}ms`;
  const hours = total / NANOSECONDS.hour;
  const minutes = (total % NANOSECONDS.hour) / NANOSECONDS.minute;
  const seconds = `${decimal(total % NANOSECONDS.minute, 9)}s`;
  if (hours > 0n) return `${sign}${hours}h${minutes}m${seconds}`;
  return minutes > 0n ? `${sign}${minutes}m${seconds}` : `${sign}${seconds}`;
}

/** `value / 10^places` without trailing zeros. */
function decimal(value: bigint, places: number): string {
  const digits = value.toString().padStart(places + 1, "0");
  const fraction = digits.slice(-places).replace(/0+$/, "");
  const whole = digits.slice(0, -places);
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

/** The shortest decimal that reads back as the same float32, in the notation of Go's encoding/json. */
export function goFloat32(value: number): string {
  const single = Math.fround(value);
  let shortest = single.toPrecision(9);
  for (let digits = 1; digits < 9; digits++) {
    const candidate = single.toPrecision(digits);
    if (Math.fround(Number(candidate)) === single) {
      shortest = candidate;
      break;
    }
  }
  // JavaScript and Go's encoding/json agree on when to write an exponent (below 1e-6 and from 1e21 on).
  return String(Number(shortest));
}

/** A float32; left out when zero. */
export function float32(value: number | undefined): Encoded {
  return value === undefined || Math.fround(value) === 0 ? undefined : goFloat32(value);
}

/** A duration; left out when zero. */
export function duration(value: number | undefined): Encoded {
  return value === undefined || value === 0 ? undefined : `"${goDuration(value)}"`;
}

/** A `*Duration`: `0s` is a value, only nil is left out. */
export function durationPointer(value: number | undefined): Encoded {
  return value === undefined ? undefined : `"${goDuration(value)}"`;
}
