// A private directory for as long as somebody needs it: what a program must find in files and nobody else may read.
import type { Secret } from "../core/model/index.ts";

export interface ScratchContent {
  /** Text by name. */
  readonly files: Readonly<Record<string, Secret>>;
  /** Symbolic links by name, and where they lead; the target need not be there. */
  readonly links: Readonly<Record<string, string>>;
}

export interface ScratchDirectory {
  /** Absolute. */
  readonly path: string;
  /** With all that is in it by then; twice is once. Throws BoardhandError E_FILE. */
  remove(): Promise<void>;
}

export interface Scratch {
  /** Mode 0700, its files 0600. Throws BoardhandError E_FILE, and leaves nothing behind then. */
  make(content: ScratchContent): Promise<ScratchDirectory>;
  /** A file to start from; null when there is none. Throws BoardhandError E_FILE when it cannot be read or is over 1 MiB. */
  read(path: string): Promise<Secret | null>;
}
