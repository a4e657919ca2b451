// docs/reference/performance.md and reliability.md, a section at a time: each bench replaces its own and leaves the others as
// they are.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "../../deploy/dev/lib/paths.mjs";

const replaced = "Each part is made by the command it names, which replaces it.";

/** @type {Page} */
const performance = {
  path: join(root, "docs/reference/performance.md"),
  head: `# Performance

${replaced} Ratios hold elsewhere, times do not: the busier the
machine, the more the worst times are luck.
`,
};

/** @type {Page} */
export const reliability = {
  path: join(root, "docs/reference/reliability.md"),
  head: `# Reliability

${replaced}
`,
};

/** @typedef {{ readonly path: string, readonly head: string }} Page */

/**
 * Puts the text in place of the section of that name, or behind the others.
 * @param {string} name
 * @param {string} text  Markdown, from a heading of the second level on
 */
export function writeSection(name, text, { path: page, head } = performance) {
  const [begin, end] = [`<!-- begin ${name} -->`, `<!-- end ${name} -->`];
  const section = `${begin}\n${text.trim()}\n${end}\n`;
  const before = existsSync(page) ? readFileSync(page, "utf8") : head;
  const from = before.indexOf(begin);
  const to = before.indexOf(end);
  const after =
    from === -1 || to < from
      ? `${before.trimEnd()}\n\n${section}`
      : `${before.slice(0, from)}${section}${before.slice(to + end.length + 1)}`;
  mkdirSync(dirname(page), { recursive: true });
  writeFileSync(page, after);
  console.log(text);
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((left, right) => left - right);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  return (upper + lower) / 2;
}

/** @param {number} value */
export function ms(value) {
  return `${Math.round(value)} ms`;
}
