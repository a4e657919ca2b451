// JSON values made worse, the same way for the same random numbers: wrong kinds, lost and foreign keys, depth, length.
import { pick } from "../../core/compose/mutate.ts";

type Random = () => number;

const HOSTILE: readonly ((random: Random) => unknown)[] = [
  () => null,
  () => true,
  () => -1e308,
  () => "",
  () => "sha256:",
  () => `sha256:${"f".repeat(64)}`,
  () => "\ud800",
  () => "\u0000\u001b[31m",
  () => "../../../etc/passwd",
  () => "a:b@c/d",
  () => "https://user:pass@[::1]:99999/u/../hook/",
  () => "ghcr.io/a/b:",
  () => "A".repeat(2_000),
  () => "/".repeat(2_000),
  () => ":".repeat(2_000),
  () => `${"@".repeat(1_000)}\n`,
  () => "a-".repeat(1_000),
  () => [],
  () => ({}),
  () => Array(1_200).fill({ action: "push", target: { repository: "a", tag: "b" }, id: "1" }),
  () => Object.fromEntries(Array.from({ length: 1_200 }, (_, index) => [`k${index}`, index])),
  () => nested(200, []),
  () => nested(200, { events: [] }),
  () =>
    JSON.parse('{"__proto__":{"tag":"polluted","action":"push"},"constructor":1,"toString":2,"length":3}'),
  (random) =>
    pick(["push", "published", "created", "PUSH_ARTIFACT", "container", "CONTAINER", "docker"], random),
];

function nested(depth: number, inner: unknown): unknown {
  return depth === 0 ? inner : nested(depth - 1, [inner]);
}

/** A copy with one to three changes; `other` is where foreign parts come from. */
export function misshape(value: unknown, random: Random, other: unknown): unknown {
  let changed = structuredClone(value);
  for (let times = 1 + Math.floor(random() * 3); times > 0; times -= 1)
    changed = changeSomewhere(changed, random, other);
  return changed;
}

function changeSomewhere(value: unknown, random: Random, other: unknown): unknown {
  const isLeaf = typeof value !== "object" || value === null;
  if (isLeaf || random() < 0.15) return replacement(random, other);
  if (Array.isArray(value)) {
    if (value.length === 0 || random() < 0.1) return [...value, replacement(random, other)];
    const index = Math.floor(random() * value.length);
    return random() < 0.1
      ? value.toSpliced(index, 1)
      : value.with(index, changeSomewhere(value[index], random, other));
  }
  return changeKey(value as Readonly<Record<string, unknown>>, random, other);
}

function changeKey(value: Readonly<Record<string, unknown>>, random: Random, other: unknown): unknown {
  const entries = Object.entries(value);
  if (entries.length === 0)
    return { [pick(["tag", "__proto__", "events"], random)]: replacement(random, other) };
  const [key, item] = pick(entries, random);
  const rest = entries.filter(([name]) => name !== key);
  const kind = random();
  if (kind < 0.1) return Object.fromEntries(rest);
  if (kind < 0.15) return Object.fromEntries([...rest, [key.toUpperCase(), item]]);
  return { ...value, [key]: changeSomewhere(item, random, other) };
}

function replacement(random: Random, other: unknown): unknown {
  return random() < 0.25 ? somewhereIn(other, random) : pick(HOSTILE, random)(random);
}

function somewhereIn(value: unknown, random: Random): unknown {
  if (typeof value !== "object" || value === null) return value;
  const items = Object.values(value);
  return items.length === 0 || random() < 0.3 ? value : somewhereIn(pick(items, random), random);
}

// biome-ignore format: a table of words
const TOKENS = [
  "{", "}", "[", "]", ",", ":", '"', "\\", "\\u", "\\ud800", "\\u0000", "\u0000", "\ud800", "\ufeff", "\n", "null", "-", "1e999",
  "123456789012345678901234567890", '"__proto__":', '{"a":', "%", "%zz", "+", "&payload=", "[".repeat(2_000), '{"a":'.repeat(2_000),
];

type Garbling = (before: string, after: string, random: Random, other: string) => string;

const GARBLINGS: readonly Garbling[] = [
  (before) => before,
  (before, after, random) => before + after.slice(1 + Math.floor(random() * 8)),
  (before, after, random) => before + pick(TOKENS, random) + after,
  (before, after, random) => before + after.slice(0, 60).repeat(1 + Math.floor(random() * 200)) + after,
  (before, after, random, other) => before + other.slice(Math.floor(random() * other.length)) + after,
];

/** The text with one to three changes that know nothing of JSON, at most a mebibyte. */
export function garble(text: string, random: Random, other: string): string {
  let changed = text;
  for (let times = 1 + Math.floor(random() * 3); times > 0; times -= 1) {
    const place = Math.floor(random() * (changed.length + 1));
    changed = pick(GARBLINGS, random)(changed.slice(0, place), changed.slice(place), random, other);
  }
  return changed.slice(0, 1_048_576);
}
