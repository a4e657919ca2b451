// What the pipeline is doing, for a person: on a terminal one live line for each image, elsewhere one line an event, each
// with its image before it. Decides nothing.
import type { Writable } from "node:stream";
import { MultiBar, type SingleBar } from "cli-progress";
import type { PipelineEvent, StageOutcome } from "../../pipeline/index.ts";
import { oneLine } from "../output.ts";

const TICK_MS = 500;
const TEXT_MAX = 60;
const WHOLE = "all";

export interface BuildProgress {
  report(event: PipelineEvent): void;
  stop(): void;
}

/** `now` is monotonic, ms. */
export function buildProgress(stream: Writable, isTerminal: boolean, now: () => number): BuildProgress {
  return isTerminal ? liveLines(stream, now) : plainLines(stream);
}

function plainLines(stream: Writable): BuildProgress {
  return {
    report(event) {
      const text = lineOf(event);
      if (text !== null) stream.write(`${text}\n`);
    },
    stop: () => undefined,
  };
}

/** `[armhf image] #5 DONE 0.3s`; every line, since a CI's log is all there is afterwards. */
function lineOf(event: PipelineEvent): string | null {
  switch (event.kind) {
    case "started":
      return null;
    case "line":
      return `${mark(event)} ${oneLine(event.text)}`;
    case "warning":
      return `warning: ${event.arch === null ? "" : `${event.arch}: `}${oneLine(event.text)}`;
    case "ended":
      return `${mark(event.outcome)} ${endOf(event.outcome)}`;
  }
}

function mark({ stage, arch }: { readonly stage: string; readonly arch: string | null }): string {
  return `[${arch === null ? stage : `${arch} ${stage}`}]`;
}

/** `done in 12.3s: built user/app:armhf`. */
export function endOf({ state, message, ms }: StageOutcome): string {
  const text = oneLine(message);
  return state === "skipped" ? `skipped: ${text}` : `${state} in ${seconds(ms)}: ${text}`;
}

export function seconds(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)}s`;
  return `${Math.floor(ms / 60_000)}m${String(Math.floor((ms % 60_000) / 1000)).padStart(2, "0")}s`;
}

interface Live {
  readonly bar: SingleBar;
  stage: string;
  since: number;
  text: string;
}

function liveLines(stream: Writable, now: () => number): BuildProgress {
  const group = new MultiBar({
    stream,
    format: "{name}  {stage}  {time}  {text}",
    hideCursor: true,
    clearOnComplete: true,
    gracefulExit: false,
    autopadding: false,
  });
  const lines = new Map<string, Live>();
  const show = (name: string, { bar, stage, since, text }: Live): void => {
    const time = seconds(now() - since).padStart(6);
    bar.update(0, { name: name.padEnd(8), stage: stage.padEnd(9), time, text: text.slice(0, TEXT_MAX) });
  };
  const set = (
    arch: string | null,
    stage: string,
    change: { readonly text: string; readonly fresh: boolean },
  ) => {
    const name = arch ?? WHOLE;
    const line = lines.get(name) ?? { bar: group.create(1, 0, EMPTY), stage, since: now(), text: "" };
    lines.set(name, line);
    if (change.fresh) line.since = now();
    line.stage = stage;
    line.text = oneLine(change.text);
    show(name, line);
  };
  const end = (outcome: StageOutcome): void => {
    const name = outcome.arch ?? WHOLE;
    const line = lines.get(name);
    if (line !== undefined) {
      group.remove(line.bar);
      lines.delete(name);
    }
    group.log(`${mark(outcome)} ${endOf(outcome)}\n`);
    group.update();
  };
  const ticking = setInterval(() => {
    for (const [name, line] of lines) show(name, line);
  }, TICK_MS);
  return {
    report(event) {
      if (event.kind === "started") set(event.arch, event.stage, { text: "", fresh: true });
      else if (event.kind === "line") set(event.arch, event.stage, { text: event.text, fresh: false });
      else if (event.kind === "warning") group.log(`${lineOf(event) ?? ""}\n`);
      else end(event.outcome);
    },
    stop() {
      clearInterval(ticking);
      group.stop();
    },
  };
}

const EMPTY = { name: "", stage: "", time: "", text: "" };
