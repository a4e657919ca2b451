// Runs a command inside a container to its end. Output is kept as far as a message can show it, and time is limited.
import type { IncomingMessage } from "node:http";
import { type Json, object, text } from "../../core/model/engine-json.ts";
import type { Clock, Engine } from "../../ports/index.ts";
import { malformed } from "./errors.ts";
import { framesTail } from "./frames.ts";
import type { Transport } from "./transport.ts";

/** Bytes of output that are kept: the last ones, which say why it failed. */
const MAX_OUTPUT = 1000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;
/** What a command leaves in the background may hold its output open: it is not waited for. */
const LAST_WORDS_MS = 200;

type ExecArguments = Parameters<Engine["exec"]>;

/** Create, start and inspect: the three calls of which the API makes one exec. */
export async function exec(
  transport: Transport,
  clock: Clock,
  [container, request]: ExecArguments,
): ReturnType<Engine["exec"]> {
  const what = `run a command in container ${container}`;
  const deadline = clock.monotonic() + request.timeoutMs;
  const id = await create(transport, what, container, request);
  const path = `/exec/${encodeURIComponent(id)}`;
  const body = { Detach: false, Tty: false };
  const stream = await transport.open({ what, method: "POST", path: `${path}/start`, body });
  const output = collect(stream);
  try {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      await output.endedWithin(pause, clock);
      const answer = object((await transport.call({ what, method: "GET", path: `${path}/json` })).json);
      if (answer.Running !== true) {
        await output.endedWithin(LAST_WORDS_MS, clock);
        return { exitCode: exitCode(answer), output: output.text() };
      }
      if (clock.monotonic() >= deadline) return { exitCode: null, output: output.text() };
      if (output.ended()) await clock.sleep(pause);
    }
  } finally {
    stream.destroy();
  }
}

/** An engine that ends an exec without a code could not run it. */
function exitCode(exec: Json): number {
  return typeof exec.ExitCode === "number" ? exec.ExitCode : -1;
}

async function create(
  transport: Transport,
  what: string,
  container: string,
  request: ExecArguments[1],
): Promise<string> {
  const answer = await transport.call({
    what,
    method: "POST",
    path: `/containers/${encodeURIComponent(container)}/exec`,
    body: {
      Cmd: request.command,
      Env: request.environment,
      User: request.user ?? "",
      Privileged: request.privileged,
      WorkingDir: request.workingDir ?? "",
      AttachStdout: true,
      AttachStderr: true,
    },
  });
  const id = text(object(answer.json).Id);
  if (id === "") throw malformed(what, "it names no exec id");
  return id;
}

interface Output {
  ended(): boolean;
  /** Resolves when the stream has ended, or after `ms`. */
  endedWithin(ms: number, clock: Clock): Promise<void>;
  text(): string;
}

function collect(stream: IncomingMessage): Output {
  const tail = framesTail(MAX_OUTPUT);
  let ended = false;
  const read = async (): Promise<void> => {
    try {
      for await (const chunk of stream) tail.add(chunk as Buffer);
    } catch {
      // A broken stream ends the output; whether the command has ended is asked anyway.
    }
    ended = true;
  };
  const done = read();
  return {
    ended: () => ended,
    async endedWithin(ms, clock) {
      const over = new AbortController();
      await Promise.race([done, clock.sleep(ms, over.signal).catch(() => undefined)]);
      over.abort();
    },
    text: () => tail.text(),
  };
}
