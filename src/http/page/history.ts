// A journal entry as one line for a person.
import type { JournalEvent } from "../../core/model/index.ts";

/** One sentence; the entry in full is in the API's history. */
export function eventWords(event: JournalEvent): string {
  switch (event.type) {
    case "plan":
      return `planned (${event.trigger})`;
    case "intent":
      return event.steps.map((step) => `#${step.n} ${step.what}`).join("; ");
    case "done":
      return `#${event.n} ${event.kind} done in ${(event.ms / 1000).toFixed(1)} s`;
    case "failed":
      return `#${event.n} ${event.kind} failed: ${event.message} (${event.code})`;
    case "rollout":
      return rolloutWords(event);
    case "quarantine":
      return event.entries.length === 0
        ? "quarantine is empty"
        : `quarantined: ${event.entries.map((one) => `${one.service} (${one.reason})`).join("; ")}`;
    case "released":
      return `released ${event.services.join(", ")}: ${event.why}`;
    case "damaged":
      return event.what === null ? "what is left of the journal is taken for the truth" : event.what;
    case "suspended":
      return event.value ? "suspended" : "resumed";
    case "seen":
      return `seen running: ${Object.keys(event.services).sort().join(", ")}`;
  }
}

function rolloutWords(event: Extract<JournalEvent, { type: "rollout" }>): string {
  const { state } = event;
  switch (state.kind) {
    case "idle":
      return state.good === null ? "nothing under way" : `revision ${state.good} is proven`;
    case "progressing":
      return `rolling out to ${state.to}`;
    case "monitoring":
      return `watching revision ${state.to}`;
    case "rollingBack":
      return `rolling back: ${state.reason}`;
    case "stalled":
      return `${state.rolledBack ? "rolled back" : "stalled"}: ${state.reason}`;
  }
}
