// Whether a process still runs. To be polled: a process that was killed closes its files, which is what its caller sees,
// a moment before the kernel counts it as ended.
import { readFileSync } from "node:fs";

/** False also for one that only waits to be collected. */
export function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
