// The options of `config` → one project to load. Finding files and reading `.env` is the loader's; refuses a bad name.
import { dirname, resolve } from "node:path";
import { normaliseName } from "../../core/compose/index.ts";
import { BoardhandError, type ProjectEntry } from "../../core/model/index.ts";
import type { Shell } from "../../reconcile/load/index.ts";

export interface ComposeWish {
  readonly files: readonly string[];
  readonly projectName: string | null;
  readonly projectDirectory: string | null;
  readonly envFiles: readonly string[];
  readonly profiles: readonly string[];
}

export interface ComposeEntry {
  readonly entry: ProjectEntry;
  readonly shell: Shell;
}

/** Throws E_USAGE for a name that compose would refuse. `environment` is the caller's own. */
export function composeEntry(
  wish: ComposeWish,
  cwd: string,
  environment: Readonly<Record<string, string | undefined>>,
): ComposeEntry {
  const name = wish.projectName;
  if (name !== null && normaliseName(name) !== name) {
    throw new BoardhandError("E_USAGE", `config: ${JSON.stringify(name)} is no project name`, {
      hint: "Use lower-case letters, digits, dashes and underscores, beginning with a letter or digit.",
    });
  }
  const files = wish.files.map((file) => resolve(cwd, file));
  const [first] = files;
  const directory = wish.projectDirectory ?? (first === undefined ? "." : dirname(first));
  return {
    entry: {
      name,
      directory: resolve(cwd, directory),
      files,
      envFiles: wish.envFiles.map((file) => resolve(cwd, file)),
      environment: Object.fromEntries(
        Object.entries(environment).filter((pair): pair is [string, string] => pair[1] !== undefined),
      ),
      profiles: wish.profiles,
    },
    shell: { cwd, directoryNamed: wish.projectDirectory !== null },
  };
}
