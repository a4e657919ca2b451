// The board itself: memory and model through systeminformation, the disk from the kernel, emulators as binfmt_misc has them.
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import systeminformation from "systeminformation";
import type { Binfmt, Host } from "../../ports/index.ts";
import { ownContainerIds } from "./own-container.ts";
import { readSmall } from "./read-small.ts";

export { ownContainerIds } from "./own-container.ts";

export interface HostOptions {
  readonly binfmt: Binfmt;
  /** Where /proc is seen. */
  readonly procRoot?: string;
}

export function createHost({ binfmt, procRoot: proc = "/proc" }: HostOptions): Host {
  return {
    async facts() {
      const [system, cpu, memory] = await Promise.all([
        systeminformation.system(),
        systeminformation.cpu(),
        systeminformation.mem(),
      ]);
      return {
        model: modelName(system.manufacturer, system.model, cpu.brand),
        cpus: cpu.cores,
        memoryBytes: memory.total,
        memoryAvailableBytes: memory.available,
        uptimeSeconds: Math.floor(systeminformation.time().uptime),
      };
    },
    async freeBytes(path) {
      try {
        const stats = await statfs(path);
        return stats.bavail * stats.bsize;
      } catch {
        return null;
      }
    },
    ownContainerIds: () => ownContainerIds({ procRoot: proc }),
    async emulators() {
      const { enabled, entries } = await binfmt.read();
      // Without F the interpreter is looked up inside each container, where it usually is not.
      const ready = entries.filter((entry) => enabled && entry.enabled && entry.flags.includes("F"));
      return ready.map(({ name }) => name);
    },
    async cpuModel() {
      const text = await readSmall(join(proc, "cpuinfo"));
      const match = /^model name\s*:[ \t]*(.+)$/m.exec(text ?? "");
      return match?.[1]?.trim() ?? null;
    },
  };
}

/** The board's name where the firmware tells it, else the processor's. */
function modelName(manufacturer: string, model: string, cpu: string): string {
  const named = [manufacturer, model].map((part) => part.trim()).filter((part) => part !== "");
  return named.length > 0 ? named.join(" ") : cpu.trim() || "unknown";
}
