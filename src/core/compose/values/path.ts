// Paths of compose files: lexical only, POSIX only.
import { composeError } from "../errors.ts";
import type { Place } from "../tree.ts";

/** Removes `.`, `..`, double and trailing slashes, as Go's path.Clean. */
export function cleanPath(path: string): string {
  const rooted = path.startsWith("/");
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else if (!rooted) parts.push(part);
  }
  return rooted ? `/${parts.join("/")}` : parts.join("/") || ".";
}

/** Absolute inputs stay byte for byte; relative ones are taken from the document's directory, `~` from its HOME. */
export function absolutePath(path: string, from: Place): string {
  if (path.startsWith("/")) return path;
  if (path === "~" || path.startsWith("~/")) {
    const home = from.scope.lookup("HOME");
    if (home === undefined) {
      throw composeError(
        from,
        "~ needs HOME",
        "set HOME in .env or in the project's environment, or write the path out",
      );
    }
    return cleanPath(`${home}/${path.slice(1)}`);
  }
  return cleanPath(`${from.scope.directory}/${path}`);
}

export function baseName(path: string): string {
  return cleanPath(path).split("/").at(-1) ?? "";
}

/** Of an absolute path to a file. */
export function directoryOf(path: string): string {
  return cleanPath(`${path}/..`);
}
