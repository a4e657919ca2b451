// What a service says about files put into its container and commands run inside it.
import type { Secret } from "./secret.ts";

/** One use of a top-level secret or config. */
export interface FileRefSpec {
  readonly source: string;
  /** As written; a secret's default `/run/secrets/<source>` is part of the model, a config's default is not. */
  readonly target?: string;
  readonly uid?: string;
  readonly gid?: string;
  /** Octal with a leading 0 (`0440`), as it is hashed. */
  readonly mode?: string;
}

/** A command run inside the container: after its start, before its stop, after its files were changed. */
export interface HookSpec {
  readonly command: readonly string[] | null;
  readonly user?: string;
  readonly privileged?: boolean;
  readonly working_dir?: string;
  /** `null` takes a variable of the container away. */
  readonly environment?: Readonly<Record<string, string | null>>;
}

/** A secret or config as a container gets it: a file of the board mounted there, or a text copied in before each start. */
export interface ServiceFile {
  readonly kind: "secret" | "config";
  /** Its key in the top-level section. */
  readonly source: string;
  /** Absolute path in the container. */
  readonly target: string;
  /** Absolute path on the board; null for a text, which is never part of a project's model, plan or revision. */
  readonly mounted: string | null;
  /** What the copied file gets. Null: the engine's own choice. */
  readonly uid: number | null;
  readonly gid: number | null;
  /** Permission bits. */
  readonly mode: number;
}

/** The text of a secret or config; it never leaves memory. */
export interface FileText {
  readonly kind: ServiceFile["kind"];
  readonly source: string;
  readonly content: Secret;
}
