// A program of the test's own: its output is kept for the case that it does not start, and it is ended by its own id.
import { spawn } from "node:child_process";
import { rm } from "node:fs/promises";

/** Of a machine that starts engines and builds images at the same time. */
const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 20_000;
const OUTPUT_MAX = 8_000;

export interface ProgramOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Removed when the program has ended. */
  readonly directory: string;
  /** Where it listens, for the message when it does not start. */
  readonly address: string;
  readonly answers: () => Promise<boolean>;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts one and waits until it answers; rejects with its output when it ends early. */
export async function startProgram(options: ProgramOptions): Promise<{ stop(): Promise<void> }> {
  const { command, address } = options;
  const child = spawn(command, options.args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env.PATH ?? "", ...options.environment },
  });
  const state = { output: "", ended: false };
  const keep = (chunk: Buffer) => {
    state.output = (state.output + chunk.toString()).slice(-OUTPUT_MAX);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const ended = new Promise<void>((resolve) => {
    const finish = () => {
      state.ended = true;
      resolve();
    };
    child.once("exit", finish);
    child.once("error", finish);
  });

  const stop = async (): Promise<void> => {
    if (!state.ended) {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
      await ended;
      clearTimeout(timer);
    }
    await rm(options.directory, { recursive: true, force: true });
  };

  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await options.answers())) {
    if (state.ended || Date.now() > deadline) {
      await stop();
      throw new Error(`${command} did not start on ${address}:\n${state.output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { stop };
}
