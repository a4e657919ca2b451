// What the kernel's binfmt_misc knows (Documentation/admin-guide/binfmt-misc.rst): which programs run by which interpreter.

export interface BinfmtEntry {
  /** `qemu-arm`. */
  readonly name: string;
  readonly enabled: boolean;
  /** Path of the interpreter; with the F flag it was opened at registration, and need not be there any more. */
  readonly interpreter: string;
  /** Letters: F fixed, P keeps argv[0], C and O credentials. */
  readonly flags: string;
  /** Lower-case hexadecimal digits; an entry by file name extension has none. */
  readonly magic: string | null;
}

export interface BinfmtState {
  /** False: the file system is not mounted, or the kernel has none. */
  readonly mounted: boolean;
  /** The switch for all entries. */
  readonly enabled: boolean;
  /** Sorted by name. */
  readonly entries: readonly BinfmtEntry[];
}

export interface Binfmt {
  read(): Promise<BinfmtState>;
}
