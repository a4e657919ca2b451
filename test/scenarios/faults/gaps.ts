// How long what nobody ran for was away: as the clock had it, and as the agent's own timeouts would have had it.
import type { Leap } from "../../lab/leaping-clock.ts";
import type { Gap } from "./outside.ts";

/** In ms; a gap that lasts ends now. */
export function lengthOf({ from, to }: Gap): number {
  return (to ?? Date.now()) - from;
}

/** The longest of them in ms, with the waits that the agent's clock leapt over; 0 when there is none. */
export function longestAway(gaps: readonly Gap[], leaps: readonly Leap[]): number {
  return Math.round(Math.max(0, ...gaps.map((gap) => lengthOf(gap) + leaptIn(gap, leaps))));
}

function leaptIn({ from, to }: Gap, leaps: readonly Leap[]): number {
  const inside = leaps.filter(({ at }) => at >= from && (to === null || at <= to));
  return inside.reduce((sum, { ms }) => sum + ms, 0);
}
