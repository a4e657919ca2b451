// The model as text: the bytes `docker compose config --format json` prints.

/** What Go's encoder writes differently; see the hash, which has it too. */
const ESCAPED_BY_GO = /[<>&\u2028\u2029]/g;

/** JSON with an indent of two, escaped as Go escapes it, and `$` doubled so that the text can be read in again. */
export function printJson(model: unknown): string {
  const json = JSON.stringify(model, null, 2).replace(
    ESCAPED_BY_GO,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `${doubleDollars(json)}\n`;
}

/** The printed model is a compose file again, in which a single `$` would begin a variable. */
export function doubleDollars(text: string): string {
  return text.replaceAll("$", "$$$$");
}
