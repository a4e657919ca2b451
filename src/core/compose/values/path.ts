// Paths of compose files: lexical only, POSIX only.
import { composeError, type Origin } from "../errors.ts";

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

export interface PathContext {
  /** Absolute project directory. */
  readonly directory: string;
  /** HOME of the project's environment; null when it has none. */
  readonly home: string | null;
}

/** Absolute inputs stay byte for byte; relative ones are taken from the project directory, `~` from HOME. */
export function absolutePath(path: string, context: PathContext, from: Origin): string {
  if (path.startsWith("/")) return path;
  if (path === "~" || path.startsWith("~/")) {
    if (context.home === null) {
      throw composeError(
        from,
        "~ needs HOME",
        "set HOME in .env or in the project's environment, or write the path out",
      );
    }
    return cleanPath(`${context.home}/${path.slice(1)}`);
  }
  return cleanPath(`${context.directory}/${path}`);
}

export function baseName(path: string): string {
  return cleanPath(path).split("/").at(-1) ?? "";
}
