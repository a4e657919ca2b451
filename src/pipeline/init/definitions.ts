// The CI definitions that come with Boardhand: which there are, and how one is fitted to a repository's main branch.
import type { Workspace, WorkspaceFile } from "../../ports/index.ts";

/** Folders of deploy/pipeline; a definition's files lie there as they do in a repository. */
export const CI_NAMES = [
  "travis",
  "travis-buildkit",
  "drone",
  "github",
  "github-native",
  "forgejo",
  "dockerhub",
] as const;
export type CiName = (typeof CI_NAMES)[number];

/** The files of the chosen definitions, with paths as a repository has them. */
export async function definitionFiles(
  definitions: Workspace,
  names: readonly CiName[],
  main: string,
): Promise<readonly WorkspaceFile[]> {
  const files: WorkspaceFile[] = [];
  for (const name of names) {
    for (const path of await definitions.list(name)) {
      const text = await definitions.readText(path);
      // Whether it may be run does not survive every way of packing.
      files.push({
        path: path.slice(name.length + 1),
        text: forMain(text, main),
        executable: text.startsWith("#!"),
      });
    }
  }
  return files;
}

/** Lines that name the main branch say so at their end. */
function forMain(text: string, main: string): string {
  if (main === "main") return text;
  return text.replace(/^.*# main branch$/gm, (line) =>
    line.replace("[main]", `["${main}"]`).replace("refs/heads/main,", `"refs/heads/${main}",`),
  );
}
