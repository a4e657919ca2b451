// The new image looks round before anything is touched: `doctor` in a container of its own, with everything that the
// successor will have. What it cannot do and the present agent can is a reason to stay; what neither can is none.
import { BoardhandError } from "../core/model/index.ts";
import type { Blueprint } from "../ports/index.ts";
import type { Finding, SelfDeps } from "./deps.ts";
import { preflightOf } from "./helpers.ts";
import { createFrom } from "./make.ts";

export type Verdict =
  | { readonly kind: "passed" }
  /** The image's own doing, in words. */
  | { readonly kind: "refused"; readonly reason: string };

/** A slow board needs a minute for a Node with much to do. */
const LIMIT_MS = 180_000;
const MAX_OUTPUT_BYTES = 1_000_000;
/** A registry may be away for a moment, and a board short of memory: what failed has to fail again. */
const ROUNDS = 2;
const LAST_WORDS = 300;

type PreflightDeps = Pick<SelfDeps, "agents" | "engine" | "examine" | "options" | "log" | "ground">;

/** `name` is that of the throw-away container. Throws as the engine does when it is the engine that fails. */
export async function preflight(name: string, successor: Blueprint, deps: PreflightDeps): Promise<Verdict> {
  let reason = "";
  for (let round = 0; round < ROUNDS; round += 1) {
    // One after the other: both write a file of the same name to the state directory.
    const here = await deps.examine();
    const there = await lookRound(name, successor, deps);
    if ("reason" in there) reason = there.reason;
    else {
      const worse = worseThan(here, there.findings);
      if (worse.length === 0) return { kind: "passed" };
      const found = worse.map((finding) => `${finding.name}: ${finding.message}`).join("; ");
      reason = `its doctor finds what the present agent's does not: ${found}`;
    }
    deps.log.warn({ reason }, "the new image does not pass its pre-flight check");
  }
  return { kind: "refused", reason };
}

/**
 * Checks that fail there and not here. One that was given up is none of them: a board that has much else to do is slow with a
 * second Node, and an image that really hangs does not become healthy either.
 */
export function worseThan(here: readonly Finding[], there: readonly Finding[]): readonly Finding[] {
  const known = new Set(here.filter(({ state }) => state === "fail").map(({ name }) => name));
  return there.filter(({ name, state, late }) => state === "fail" && late !== true && !known.has(name));
}

type Looked = { readonly findings: readonly Finding[] } | { readonly reason: string };

async function lookRound(name: string, successor: Blueprint, deps: PreflightDeps): Promise<Looked> {
  const { agents, engine } = deps;
  const { facts } = await deps.ground();
  const made = preflightOf({ blueprint: successor, options: deps.options, apiVersion: facts.apiVersion });
  const id = await createFrom(name, made, engine);
  try {
    const refused = await startRefusal(id, engine);
    if (refused !== null) return { reason: `it does not start here: ${refused}` };
    const code = await agents.waitForExit(id, LIMIT_MS);
    const output = await agents.logs(id, MAX_OUTPUT_BYTES);
    if (code === null) return { reason: `its doctor did not end within ${LIMIT_MS / 1000} s` };
    const findings = code === 0 || code === 1 ? findingsIn(output) : null;
    if (findings !== null) return { findings };
    return { reason: `its doctor ended with exit code ${code}: ${lastWords(output)}` };
  } finally {
    await engine.removeContainer(id);
  }
}

/** A wrong processor, a program that is not there: the engine says so when it starts it. */
async function startRefusal(id: string, engine: SelfDeps["engine"]): Promise<string | null> {
  try {
    await engine.startContainer(id);
    return null;
  } catch (error) {
    if (error instanceof BoardhandError && error.code === "E_ENGINE_REFUSED") return error.message;
    throw error;
  }
}

/** The findings among log lines; null where there are none. */
export function findingsIn(output: string): readonly Finding[] | null {
  const json = /^\[$[\s\S]*?^\]$/m.exec(output)?.[0];
  if (json === undefined) return null;
  try {
    const found: unknown = JSON.parse(json);
    return Array.isArray(found) && found.length > 0 && found.every(isFinding) ? found : null;
  } catch {
    return null;
  }
}

function isFinding(value: unknown): value is Finding {
  const { name, state, message } = (value ?? {}) as Record<keyof Finding, unknown>;
  return typeof name === "string" && typeof state === "string" && typeof message === "string";
}

/** The end of what a program said, in one line. */
export function lastWords(output: string): string {
  const line = output.replace(/\s+/g, " ").trim();
  return line === "" ? "it said nothing" : line.slice(-LAST_WORDS);
}
