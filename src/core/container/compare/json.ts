// The engine's JSON without what means nothing: it writes null, an empty list, false and 0 for what is not there, and
// leaves out what other versions of it write.

/** Whether a value says no more than an absent one. */
export function isNothing(value: unknown): boolean {
  if (value === null || value === undefined || value === "" || value === 0 || value === false) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

/** Keys sorted, nothings left out at every level of objects: equal meaning, equal text. Items of lists all stay. */
export function meaning(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(meaning).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const fields = Object.entries(value)
    .filter(([, field]) => !isNothing(field))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, field]) => `${JSON.stringify(key)}:${meaning(field)}`);
  return `{${fields.join(",")}}`;
}

/** The items in an order that does not depend on theirs, each once. */
export function unordered(items: readonly unknown[]): readonly string[] {
  return [...new Set(items.map(meaning))].sort();
}
