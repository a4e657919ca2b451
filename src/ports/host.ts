// What the board says about itself beside the engine: memory, disk, the kernel's emulators.

export interface HostFacts {
  readonly model: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly memoryAvailableBytes: number;
  readonly uptimeSeconds: number;
}

export interface Host {
  facts(): Promise<HostFacts>;
  /** Free bytes of the file system that holds `path`; null when it cannot be told from here. */
  freeBytes(path: string): Promise<number | null>;
  /** Ids of the container that this process may be running in, best first; empty outside of any. */
  ownContainerIds(): Promise<readonly string[]>;
  /** Names of enabled entries of binfmt_misc with the F flag, such as `qemu-arm`, sorted; empty where there are none. */
  emulators(): Promise<readonly string[]>;
  /** `model name` of /proc/cpuinfo, for telling an ARMv6 board; null when absent. */
  cpuModel(): Promise<string | null>;
}
