// A configuration file as a document with positions, whichever file it is. Refuses what is no file, too large, or two files in one.
import { open } from "node:fs/promises";
import { BoardhandError, type YamlNode } from "../../core/model/index.ts";
import { formatPath, type Problem, positionOf } from "./tree.ts";

const MAX_BYTES = 1024 * 1024;

/** Throws E_CONFIG for what is no file or is too large, and what `open` throws. */
export async function readBounded(file: string): Promise<string> {
  const handle = await open(file, "r");
  try {
    const facts = await handle.stat();
    if (!facts.isFile()) throw new BoardhandError("E_CONFIG", `${file}: is not a file`, { data: { file } });
    const buffer = Buffer.alloc(Math.min(facts.size, MAX_BYTES) + 1);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    if (bytesRead > MAX_BYTES) {
      throw new BoardhandError(
        "E_CONFIG",
        `${file}: is larger than 1 MiB; a configuration is a few kilobytes`,
        {
          data: { file },
        },
      );
    }
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Null for an empty file; throws E_CONFIG at a second document. */
export function onlyDocument(documents: readonly YamlNode[], file: string): YamlNode | null {
  const second = documents[1];
  if (second === undefined) return documents[0] ?? null;
  throw new BoardhandError(
    "E_CONFIG",
    `${file}:${second.at.line}:${second.at.column}: a second YAML document begins here; put everything into one`,
    { data: { file } },
  );
}

/** `file:line:column: key.path: what is wrong`. */
export function placedIn(problem: Problem, file: string | null, root: YamlNode | null): string {
  const key = problem.path.length === 0 ? "" : `${formatPath(problem.path)}: `;
  if (file === null || root === null) return `${file ?? "configuration"}: ${key}${problem.text}`;
  const at = positionOf(root, problem.path, problem.atKey);
  return `${file}:${at.line}:${at.column}: ${key}${problem.text}`;
}
