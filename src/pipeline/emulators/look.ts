// What there is for each processor that is needed: from this machine's kernel where that is the engine's, else by trying.
import type { PipelineDeps } from "../deps.ts";
import { type EngineAnswer, probe } from "./engine.ts";
import { kernelHas, type Readiness } from "./kernel.ts";
import type { Finding, Need } from "./needs.ts";

export type Look =
  | { readonly kind: "seen"; readonly findings: readonly Finding[] }
  /** All registrations are switched off, by this machine's master switch. */
  | { readonly kind: "switched-off" }
  | { readonly kind: "unknown"; readonly why: string };

/**
 * In a container, or with an engine elsewhere, /proc says nothing about the kernel that will run the programs; then a
 * tiny program for each processor is run by the engine itself.
 */
export async function look(deps: PipelineDeps, engine: EngineAnswer, needs: readonly Need[]): Promise<Look> {
  const state = engine.isHere ? await deps.binfmt.read() : null;
  const kernel = state?.mounted === true ? state : null;
  if (kernel !== null && !kernel.enabled && needs.some(({ maybeNative }) => !maybeNative)) {
    return { kind: "switched-off" };
  }
  const answers = await Promise.all(
    needs.map(async (need) => {
      const seen = kernel?.enabled === true ? kernelHas(kernel, need.processor) : null;
      const isAnswered = seen !== null && !(seen.kind === "missing" && need.maybeNative);
      return { need, readiness: isAnswered ? seen : await tryOut(deps, need, seen) };
    }),
  );
  const findings: Finding[] = [];
  for (const { need, readiness } of answers) {
    if ("why" in readiness) return { kind: "unknown", why: readiness.why };
    findings.push({ need, readiness });
  }
  return { kind: "seen", findings };
}

async function tryOut(
  deps: PipelineDeps,
  need: Need,
  seen: Readiness | null,
): Promise<Readiness | { readonly why: string }> {
  const { answer, why } = await probe(deps, need.processor);
  switch (answer) {
    case "runs":
      return need.maybeNative ? { kind: "native" } : { kind: "ready", interpreter: null };
    case "no-interpreter":
      return { kind: "conditional", interpreter: null };
    case "no-emulator":
      return seen ?? { kind: "missing", taken: null };
    case "unknown":
      return { why: `a program for ${need.platforms.join(", ")} could not be tried: ${why}` };
  }
}
