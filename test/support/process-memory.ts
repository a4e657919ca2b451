// What a process takes of memory, as its board sees it.
import { readFileSync } from "node:fs";

/** In kB: all that is resident, or the part of it that is no file's. Throws where there is no such process. */
export function memoryKb(pid: number | undefined, field: "VmRSS" | "RssAnon"): number {
  const text = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(text)?.[1]);
}
