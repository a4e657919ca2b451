// Starts other programs for the pipeline: each in a process group of its own, so that stopping one stops what it started.
import { type ChildProcess, spawn } from "node:child_process";
import { BoardhandError } from "../../core/model/index.ts";
import type { ProgramCall, ProgramEnd, Programs } from "../../ports/index.ts";
import { lineCutter } from "./lines.ts";

const KEPT_BYTES = 256 * 1024;
/** Between asking a program to end and ending it. */
const GRACE_MS = 5_000;

export function createPrograms(): Programs {
  return {
    run: (call) => start(call, null),
    async read(call, maxBytes) {
      const chunks: Buffer[] = [];
      const end = await start(call, { maxBytes, take: (chunk) => void chunks.push(chunk) });
      return { ...end, bytes: Buffer.concat(chunks).subarray(0, maxBytes) };
    },
  };
}

interface Bytes {
  readonly maxBytes: number;
  readonly take: (chunk: Buffer) => void;
}

function start(call: ProgramCall, bytes: Bytes | null): Promise<ProgramEnd> {
  const { command, args, directory, onLine } = call;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, ...call.environment },
      ...(directory === undefined ? {} : { cwd: directory }),
    });
    const state = { timedOut: false };
    const stopWatching = watch(child, call, state);
    const cutters = [lineCutter(onLine), lineCutter(onLine)] as const;
    const outputs = [tail(), tail()] as const;
    let received = 0;
    child.stdout.on("data", (chunk: Buffer) => {
      if (bytes === null) {
        outputs[0].add(chunk);
        cutters[0].add(chunk);
        return;
      }
      bytes.take(chunk);
      received += chunk.byteLength;
      if (received > bytes.maxBytes) endGroup(child, "SIGKILL");
    });
    child.stderr.on("data", (chunk: Buffer) => {
      outputs[1].add(chunk);
      cutters[1].add(chunk);
    });
    // A program that does not read its input is no failure of ours.
    child.stdin.on("error", () => undefined);
    child.stdin.end(call.input?.reveal() ?? "");
    child.once("error", (cause) => {
      stopWatching();
      reject(notStarted(call, cause));
    });
    child.once("close", (status) => {
      stopWatching();
      for (const cutter of cutters) cutter.end();
      resolve({ status, timedOut: state.timedOut, stdout: outputs[0].text(), stderr: outputs[1].text() });
    });
  });
}

/** Ends the program at its deadline and when asked to stop. */
function watch(child: ChildProcess, call: ProgramCall, state: { timedOut: boolean }): () => void {
  let last: NodeJS.Timeout | undefined;
  const end = (): void => {
    endGroup(child, "SIGTERM");
    last = setTimeout(() => endGroup(child, "SIGKILL"), GRACE_MS);
  };
  const deadline = setTimeout(() => {
    state.timedOut = true;
    end();
  }, call.timeoutMs);
  if (call.signal.aborted) end();
  else call.signal.addEventListener("abort", end, { once: true });
  return () => {
    clearTimeout(deadline);
    clearTimeout(last);
    call.signal.removeEventListener("abort", end);
  };
}

function endGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Gone already.
  }
}

/** The end of an output, as text. */
function tail(): { add(chunk: Buffer): void; text(): string } {
  let kept = Buffer.alloc(0);
  return {
    add(chunk) {
      kept = Buffer.concat([kept, chunk]);
      if (kept.byteLength > 2 * KEPT_BYTES) kept = Buffer.from(kept.subarray(-KEPT_BYTES));
    },
    text: () => kept.subarray(-KEPT_BYTES).toString("utf8"),
  };
}

function notStarted({ command, directory }: ProgramCall, cause: Error): BoardhandError {
  const code = (cause as NodeJS.ErrnoException).code ?? "unknown reason";
  const what = code === "ENOENT" ? "there is no such program, or no such directory" : code;
  return new BoardhandError("E_PROGRAM", `${command} cannot be started: ${what}`, {
    hint: `Install ${command} and check PATH.`,
    cause,
    data: { command, directory: directory ?? null },
  });
}
