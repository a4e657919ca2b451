// One directory of text files: somebody's repository, or the definitions that come with Boardhand. Paths are relative, with `/`.

export interface WorkspaceFile {
  readonly path: string;
  readonly text: string;
  readonly executable: boolean;
}

export interface Workspace {
  /** Regular files under a folder, sorted, links and what is in them left out; empty where there is no such folder. */
  list(folder: string): Promise<readonly string[]>;
  /** Whether anything at all is there: a file, a folder, a link to nowhere. */
  exists(path: string): Promise<boolean>;
  /** Throws BoardhandError E_FILE when it is no readable text, larger than 1 MiB, or leads out of the directory. */
  readText(path: string): Promise<string>;
  /**
   * Makes new files and the folders that they need; all or none of them. Throws BoardhandError E_FILE when anything is
   * in the way or leads out of the directory, before the first is written.
   */
  create(files: readonly WorkspaceFile[]): Promise<void>;
}
