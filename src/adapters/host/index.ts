// The board itself: memory and model through systeminformation, disk and emulators from the kernel.
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import systeminformation from "systeminformation";
import type { Host } from "../../ports/index.ts";
import { readEmulators } from "./binfmt.ts";
import { readSmall } from "./read-small.ts";

/** Creates the Host. `procRoot` is where /proc is seen; binfmt_misc is expected below it at sys/fs/binfmt_misc. */
export function createHost(options: { readonly procRoot?: string } = {}): Host {
  const proc = options.procRoot ?? "/proc";
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
    emulators: () => readEmulators(join(proc, "sys/fs/binfmt_misc")),
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
