// What is happening right now, reduced to a line a page can show: the last step of each project that is at work.
import type { Step } from "../core/model/index.ts";
import type { ProgressEvent } from "../ports/index.ts";

/** The data of an SSE `progress` event. */
export interface ProgressLine {
  readonly project: string;
  readonly state: "running" | "done" | "failed";
  readonly step: {
    readonly n: number;
    /** Steps in the plan; null until it is known. */
    readonly of: number | null;
    readonly kind: string;
    readonly service: string | null;
  };
  /** Bytes of a pull so far; null for other steps. */
  readonly pull: { readonly bytes: number; readonly totalBytes: number } | null;
  readonly message: string;
}

const DOING: Readonly<Record<Step["kind"], string>> = {
  createNetwork: "creating network",
  createVolume: "creating volume",
  pullImage: "pulling the image",
  verifyImage: "checking the image's processor",
  tagImage: "tagging the image",
  createContainer: "creating the container",
  connectNetwork: "connecting network",
  renameContainer: "renaming",
  setRestartPolicy: "setting the restart policy",
  stopContainer: "stopping",
  startContainer: "starting",
  copyFile: "copying a secret or config",
  runHook: "running a hook",
  awaitHealthy: "waiting until it is healthy",
  awaitCompleted: "waiting until it has completed",
  removeContainer: "removing the old container",
  removeImage: "removing an old image",
};

/** Remembers one line a project, until its rollout leaves `progressing` and `rollingBack`. */
export class ProgressBoard {
  readonly #lines = new Map<string, ProgressLine>();
  readonly #lengths = new Map<string, number>();

  /** Takes an event in; returns the line to tell, or null when the event is no progress of a step. */
  take(event: ProgressEvent): ProgressLine | null {
    switch (event.kind) {
      case "planned":
        this.#lines.delete(event.project);
        this.#lengths.set(event.project, event.plan.steps.length);
        return null;
      case "rollout":
        if (event.rollout.kind !== "progressing" && event.rollout.kind !== "rollingBack")
          this.#clear(event.project);
        return null;
      case "changed": {
        // A plan that moved nothing ends without a rollout event.
        const line = this.#lines.get(event.project);
        if (line?.state === "done" && line.step.n === line.step.of) this.#clear(event.project);
        return null;
      }
      case "step":
        this.#lengths.set(event.project, event.of);
        return this.#keep(event, "running", null, describe(event.step));
      case "stepDone":
        return this.#keep(event, "done", null, describe(event.step));
      case "stepFailed":
        return this.#keep(event, "failed", null, `${describe(event.step)} failed: ${event.message}`);
      case "pull": {
        const { bytes, totalBytes } = event.progress;
        return this.#keep(event, "running", { bytes, totalBytes }, describe(event.step));
      }
    }
  }

  line(project: string): ProgressLine | null {
    return this.#lines.get(project) ?? null;
  }

  #keep(
    event: { readonly project: string; readonly step: Step },
    state: ProgressLine["state"],
    pull: ProgressLine["pull"],
    message: string,
  ): ProgressLine {
    const { n, kind, service } = event.step;
    const of = this.#lengths.get(event.project) ?? null;
    const line: ProgressLine = {
      project: event.project,
      state,
      step: { n, of, kind, service },
      pull,
      message,
    };
    this.#lines.set(event.project, line);
    return line;
  }

  #clear(project: string): void {
    this.#lines.delete(project);
    this.#lengths.delete(project);
  }
}

function describe(step: Step): string {
  const words = DOING[step.kind];
  return step.service === null ? words : `${step.service}: ${words}`;
}

/** How far along, 0 to 1: whole steps, and within a pull its bytes. */
export function fraction(line: ProgressLine): number {
  const of = Math.max(line.step.of ?? line.step.n, 1);
  const within = line.pull === null || line.pull.totalBytes <= 0 ? 0 : line.pull.bytes / line.pull.totalBytes;
  const done = line.state === "done" ? line.step.n : line.step.n - 1 + Math.min(Math.max(within, 0), 1);
  return Math.min(done / of, 1);
}
