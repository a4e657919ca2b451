// Which processors a matrix needs that the engine's own is not, each with the platforms that it is needed for.
import { formatPlatform, type MatrixRow } from "../../core/model/index.ts";
import type { Readiness } from "./kernel.ts";
import { type Processor, processorOf, runsByItself } from "./processors.ts";

export interface Need {
  readonly processor: Processor;
  /** `linux/arm/v7`, in the order of the matrix. */
  readonly platforms: readonly string[];
  /** It may turn out that the engine's processor runs it after all. */
  readonly maybeNative: boolean;
}

/** A need, and what there is for it. */
export interface Finding {
  readonly need: Need;
  readonly readiness: Readiness;
}

export interface Needs {
  readonly needs: readonly Need[];
  /** Platforms that nothing is known to emulate. */
  readonly unknown: readonly string[];
}

/** `engine` is the architecture of the engine, `amd64`. */
export function needsOf(rows: readonly Pick<MatrixRow, "platform">[], engine: string): Needs {
  const needs = new Map<string, Need>();
  const unknown: string[] = [];
  for (const { platform } of rows) {
    const { os, architecture } = platform;
    const runs = os === "linux" ? runsByItself(engine, architecture) : "no";
    if (runs === "yes") continue;
    const processor = processorOf(platform);
    const written = formatPlatform(platform);
    if (processor === null) {
      unknown.push(written);
      continue;
    }
    const others = needs.get(architecture)?.platforms ?? [];
    const platforms = others.includes(written) ? others : [...others, written];
    needs.set(architecture, { processor, platforms, maybeNative: runs === "maybe" });
  }
  return { needs: [...needs.values()], unknown };
}

export function missingOf(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ readiness }) => readiness.kind === "missing");
}
