// What is happening, for a person: bars for pulls on a terminal, one plain line an event elsewhere. Decides nothing.
import type { Writable } from "node:stream";
import { MultiBar, type SingleBar } from "cli-progress";
import type { Step } from "../core/model/index.ts";
import type { ProgressEvent, ProgressSink, PullProgress } from "../ports/index.ts";
import { oneLine } from "./output.ts";

/** Steps that may take minutes are announced before they are done. */
const SLOW: ReadonlySet<Step["kind"]> = new Set<Step["kind"]>([
  "pullImage",
  "awaitHealthy",
  "awaitCompleted",
  "runHook",
]);

interface Bars {
  update(key: string, name: string, progress: PullProgress): void;
  remove(key: string): void;
  /** Writes a line above the bars. */
  line(text: string): void;
  stop(): void;
}

/** A sink that prints; `line` writes something else above the bars; without `stop` the cursor may stay hidden. */
export type TerminalProgress = ProgressSink & { line(text: string): void; stop(): void };

export function terminalProgress(stream: Writable, isTty: boolean): TerminalProgress {
  const bars = isTty ? terminalBars(stream) : plainBars(stream);
  const say = (text: string): void => bars.line(oneLine(text));
  const sink = (event: ProgressEvent): void => {
    switch (event.kind) {
      case "planned": {
        const { steps, held } = event.plan;
        const count =
          steps.length === 0 ? "nothing to do" : `${steps.length} ${steps.length === 1 ? "step" : "steps"}`;
        say(`${event.project}: ${count}`);
        for (const hold of held) say(`${hold.service}  held: ${hold.reason}: ${hold.message}`);
        return;
      }
      case "step":
        if (SLOW.has(event.step.kind)) say(`${describe(event.step)} …`);
        return;
      case "stepDone":
        bars.remove(keyOf(event));
        say(`${describe(event.step)} … done ${seconds(event.ms)}`);
        return;
      case "stepFailed":
        bars.remove(keyOf(event));
        say(`${describe(event.step)} … failed: ${event.message}`);
        return;
      case "pull":
        bars.update(keyOf(event), describe(event.step), event.progress);
        return;
      case "rollout": {
        const text = rolloutText(event.rollout);
        if (text !== null) say(`${event.project}: ${text}`);
        return;
      }
      case "changed":
        return;
    }
  };
  return Object.assign(sink, { line: (text: string) => bars.line(text), stop: () => bars.stop() });
}

function keyOf(event: { readonly project: string; readonly step: Step }): string {
  return `${event.project}/${event.step.n}`;
}

/** `web  startContainer web-1`. */
function describe(step: Step): string {
  return `${step.service ?? "-"}  ${step.kind} ${subject(step)}`;
}

function subject(step: Step): string {
  switch (step.kind) {
    case "createNetwork":
    case "connectNetwork":
      return step.network;
    case "createVolume":
      return step.volume;
    case "pullImage":
    case "verifyImage":
      return step.image.reference;
    case "tagImage":
      return step.reference;
    case "removeImage":
      return step.image;
    case "renameContainer":
      return `${step.from} to ${step.to}`;
    default:
      return step.name;
  }
}

function rolloutText(rollout: Extract<ProgressEvent, { kind: "rollout" }>["rollout"]): string | null {
  switch (rollout.kind) {
    case "monitoring":
      return `watching ${rollout.moved.join(", ")}`;
    case "rollingBack":
      return `going back: ${rollout.reason}`;
    case "stalled":
      return `${rollout.rolledBack ? "rolled back" : "stalled"}: ${rollout.reason}`;
    default:
      return null;
  }
}

function seconds(ms: number): string {
  return ms < 60_000
    ? `${(ms / 1000).toFixed(1)}s`
    : `${Math.floor(ms / 60_000)}m${Math.round((ms % 60_000) / 1000)}s`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** At most one line for each tenth of a pull. */
function plainBars(stream: Writable): Bars {
  const tenths = new Map<string, number>();
  const line = (text: string): void => {
    stream.write(`${text}\n`);
  };
  return {
    update(key, name, { bytes, totalBytes }) {
      const tenth = totalBytes > 0 ? Math.min(10, Math.floor((bytes / totalBytes) * 10)) : 0;
      // The total grows while layers become known: what was said once is not taken back.
      if (tenth <= (tenths.get(key) ?? 0)) return;
      tenths.set(key, tenth);
      line(`${oneLine(name)} … ${tenth * 10} % of ${megabytes(totalBytes)}`);
    },
    remove: (key) => void tenths.delete(key),
    line,
    stop: () => undefined,
  };
}

function terminalBars(stream: Writable): Bars {
  const active = new Map<string, SingleBar>();
  let group: MultiBar | null = null;
  const end = (): void => {
    group?.stop();
    group = null;
    active.clear();
  };
  return {
    update(key, name, { bytes, totalBytes }) {
      group ??= new MultiBar({
        stream,
        format: "{name} [{bar}] {percentage} % {done} of {size}",
        barsize: 24,
        hideCursor: true,
        clearOnComplete: true,
        // Signals are main.ts's business.
        gracefulExit: false,
        barCompleteChar: "#",
        barIncompleteChar: ".",
      });
      const payload = { name: oneLine(name), done: megabytes(bytes), size: megabytes(totalBytes) };
      const total = Math.max(totalBytes, 1);
      const known = active.get(key);
      if (known === undefined) {
        active.set(key, group.create(total, bytes, payload));
        return;
      }
      known.setTotal(total);
      known.update(Math.min(bytes, total), payload);
    },
    remove(key) {
      const bar = active.get(key);
      if (bar === undefined) return;
      active.delete(key);
      group?.remove(bar);
      if (active.size === 0) end();
    },
    line(text) {
      if (group === null) {
        stream.write(`${text}\n`);
        return;
      }
      group.log(`${text}\n`);
      // Drawn now: the next drawing may never come when the last bar ends.
      group.update();
    },
    stop: end,
  };
}
