// Why a smoke command most likely failed, in words, by its exit code and what was printed. Pure; guesses say so.
import type { ContainerState } from "./container.ts";

export interface SmokeEnd extends ContainerState {
  readonly timedOut: boolean;
  /** Whether its program was seen in the image, for the right processor. */
  readonly seen: boolean;
  /** The last lines of its output. */
  readonly lastLines: readonly string[];
}

export interface Explanation {
  readonly what: string;
  readonly hint: string;
}

/** The engine's init. Without an emulator it tries /bin/sh instead (execvp does), and says what became of that. */
const INIT_REFUSAL = /^\[FATAL tini \(\d+\)\] exec .* failed: (.*)$/m;
const EMULATOR_HINT =
  "Register the emulator (boardhand build emulators), with the F flag where the image has none inside; if it is there, the base image is for another processor.";
const VARIANT_HINT =
  "It was most likely built for a newer processor than the platform in the matrix; take another base image, or promise the platform that it needs.";
const PATH_HINT =
  "Correct `smoke` in pipeline.yml (it is the whole command, nothing is put before it), or the image.";
const PROGRAM_HINT = "See its output above; the same command can be tried with docker run --entrypoint.";

/** `timeoutMs` is the limit that it had. */
export function explainEnd(end: SmokeEnd, timeoutMs: number): Explanation {
  const text = [end.error, ...end.lastLines].join("\n");
  if (end.timedOut) {
    return {
      what: `did not end within ${Math.round(timeoutMs / 1000)} s and was killed`,
      hint: "Name a command that ends by itself, such as the program with --version, or raise `timeout`.",
    };
  }
  if (/exec format error/i.test(text)) {
    return { what: "cannot be executed here (exec format error)", hint: EMULATOR_HINT };
  }
  const refused = INIT_REFUSAL.exec(text)?.[1];
  if (end.seen && refused !== undefined) {
    return { what: `is in the image, but cannot be executed here (${refused})`, hint: EMULATOR_HINT };
  }
  if (end.outOfMemory) {
    return {
      what: "was killed for lack of memory",
      hint: "Give the engine more memory or build less at once.",
    };
  }
  if (end.error !== "") return { what: `cannot be started: ${shortened(end.error)}`, hint: PATH_HINT };
  return byCode(end.exitCode, text);
}

function byCode(code: number | null, text: string): Explanation {
  if (/illegal instruction/i.test(text) || code === 132) {
    return { what: `ended with ${code}: illegal instruction`, hint: VARIANT_HINT };
  }
  if (/unable to find CPU model/i.test(text)) {
    return {
      what: `ended with ${code}: this emulator does not know the processor that was asked for`,
      hint: "Update QEMU, or set QEMU_CPU in the image to a model that it knows.",
    };
  }
  if (/could not open '\/lib[^']*'/i.test(text)) {
    return { what: `ended with ${code}: its dynamic loader is not in the image`, hint: PATH_HINT };
  }
  switch (code) {
    case 126:
      return { what: "ended with 126: it is there but cannot be executed", hint: PATH_HINT };
    case 127:
      return { what: "ended with 127: the program, or what runs it, is not in the image", hint: PATH_HINT };
    case 134:
      return { what: "ended with 134: it aborted itself", hint: PROGRAM_HINT };
    case 137:
      return { what: "ended with 137: it was killed, perhaps for lack of memory", hint: PROGRAM_HINT };
    case 139:
      return { what: "ended with 139: segmentation fault", hint: VARIANT_HINT };
    case null:
      return { what: "did not end, docker lost it", hint: "Look whether the engine works: docker info." };
    default:
      return { what: `ended with ${code}`, hint: PROGRAM_HINT };
  }
}

function shortened(text: string): string {
  return text.replace(/^.*unable to start container process: /, "").slice(0, 300);
}
