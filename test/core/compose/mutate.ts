// Texts made worse, the same way for the same number: what `make fuzz` throws at the loader.

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Where a random one of `items` comes from. */
export function pick<T>(items: readonly T[], random: () => number): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error("there is nothing to pick from");
  return item;
}

/** What YAML, interpolation and compose have signs and words for, and what no one expects; § stands for a dollar. */
// biome-ignore format: a table of words
const TOKENS = [
  "§{", "}", "§§", "§{A:-§{B}}", "§{A:?no}", "§{A:+", "!reset ", "!override ", "!!int ", "&a ", "*a", "<<: *a", "<<: ",
  "- ", ": ", "? ", "{", "}", "[", "]", ",", "|\n", ">-\n", "---\n", "...\n", "#", "'", '"', "\\", "\t", "\n", "\r\n",
  "\u0000", "\u2028", "\ud800", "\ufeff", "~", "null", "true", "0700", "-1", "1e999", ".nan", "9223372036854775808",
  "123456789012345678901234567890", "0x", "1_0", "2020-01-02", "__proto__", "constructor", "x-a", "services:",
  "include: [a.yaml]\n", "extends: web", "extends: {service: web, file: a.yaml}", "80-60000:80-60000", "1w1d1h1m1s",
  "999999999999g", "service:web", "/a:/b:/c:/d", "a=b=c", "[::1]:80:80", "ports: [", "deploy: {replicas: ",
].map((token) => token.replaceAll("§", "$"));

const VALUES = [
  "",
  "null",
  "{}",
  "[]",
  "0",
  "-1",
  "true",
  "'x'",
  "[a, a]",
  "{a: b}",
  "[[a]]",
  "{a: {b: c}}",
  "$A",
  "1.5",
  "!reset",
];

type Mutation = (text: string, random: () => number, other: string) => string;

const MUTATIONS: readonly Mutation[] = [
  (text, random) => at(text, random, (before, after) => before + after.slice(1 + Math.floor(random() * 8))),
  (text, random) => at(text, random, (before, after) => before + pick(TOKENS, random) + after),
  (text, random) => at(text, random, (before) => before),
  (text, random) => at(text, random, (before, after) => before + after.slice(0, 40) + after),
  (text, random, other) => at(text, random, (before) => before + at(other, random, (_, after) => after)),
  (text, random) => lines(text, random, (all, index) => all.toSpliced(index, 1)),
  (text, random) => lines(text, random, (all, index) => all.toSpliced(index, 0, all[index] ?? "")),
  (text, random) => lines(text, random, (all, index) => all.with(index, `  ${all[index] ?? ""}`)),
  (text, random) =>
    lines(text, random, (all, index) => all.with(index, (all[index] ?? "").replace(/^ {1,2}/, ""))),
  (text, random) =>
    lines(text, random, (all, index) => all.toSpliced(index, 0, ...Array(200).fill(all[index] ?? ""))),
  (text, random) =>
    lines(text, random, (all, index) =>
      all.with(
        index,
        (all[index] ?? "").replace(/: .*$/, () => `: ${pick(VALUES, random)}`),
      ),
    ),
  (text, random, other) =>
    lines(text, random, (all, index) => all.toSpliced(index, 0, pick(other.split("\n"), random))),
];

/** One to four mutations; `other` is where foreign lines come from. */
export function mutate(text: string, random: () => number, other: string): string {
  let mutated = text;
  for (let times = 1 + Math.floor(random() * 4); times > 0; times--) {
    mutated = pick(MUTATIONS, random)(mutated, random, other);
  }
  return mutated;
}

function at(text: string, random: () => number, change: (before: string, after: string) => string): string {
  const position = Math.floor(random() * (text.length + 1));
  return change(text.slice(0, position), text.slice(position));
}

function lines(
  text: string,
  random: () => number,
  change: (all: readonly string[], index: number) => readonly string[],
): string {
  const all = text.split("\n");
  return change(all, Math.floor(random() * all.length)).join("\n");
}
