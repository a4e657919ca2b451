// Reading compose projects from disk; nothing is ever written through this port.

export interface Files {
  /** Text of a file, BOM kept; throws BoardhandError E_FILE when it cannot be read or is larger than 4 MiB. */
  readText(path: string): Promise<string>;
  exists(path: string): Promise<boolean>;
  /** Names of the sub-directories (symbolic links followed), sorted; throws E_FILE. */
  directories(path: string): Promise<readonly string[]>;
}
