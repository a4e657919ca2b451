// One project on the page: how it is in one line, its services, what is going on, and the details folded away.
import { type Condition, type JournalEntry, shortDigest } from "../../core/model/index.ts";
import type { ProjectStatus, ServiceStatus } from "../../core/status/index.ts";
import type { LastPlan } from "../deps.ts";
import { fraction, type ProgressLine } from "../progress.ts";
import { eventWords } from "./history.ts";
import { type Html, html } from "./html.ts";

export interface ProjectView {
  readonly status: ProjectStatus;
  readonly plan: LastPlan | null;
  readonly history: readonly JournalEntry[];
  readonly progress: ProgressLine | null;
}

type Tone = "good" | "busy" | "warn" | "bad" | "off";

/** Shape beside colour, so that the tone can be told without seeing the colour. */
const MARKS: Readonly<Record<Tone, string>> = { good: "✓", busy: "↻", warn: "!", bad: "✕", off: "–" };

export function projectSection(view: ProjectView, title = view.status.name): Html {
  const { status } = view;
  const id = `project-${encodeURIComponent(status.name)}`;
  return html`<section class="project" id="${id}" aria-labelledby="${id}-name">
<div class="title"><h2 id="${id}-name">${title}</h2>${overall(status)}</div>
${status.conditions
  .filter(isTelling)
  .map((one) => html`<p class="condition">${one.message}</p>`)
  .slice(0, 1)}
${rolloutPart(status)}
${progressPart(status.name, view.progress)}
${servicesTable(status)}
${notices(status)}
<p class="times">${timesPart(status)}</p>
${planPart(id, view.plan)}
${historyPart(id, view.history)}
${conditionsPart(id, status)}
</section>
`;
}

export function badge(tone: Tone, text: string): Html {
  return html`<span class="badge ${tone}"><span aria-hidden="true">${MARKS[tone]}</span> ${text}</span>`;
}

function overall(status: ProjectStatus): Html {
  const ready = status.conditions.find((one) => one.type === "Ready");
  const stalled = status.conditions.find((one) => one.type === "Stalled");
  const state =
    stalled?.status === "True"
      ? badge("bad", `Stalled: ${spaced(stalled.reason)}`)
      : ready?.status === "False"
        ? badge("bad", spaced(ready.reason))
        : ready?.status === "True"
          ? badge("good", ready.reason === "Held" ? "Ready, something held" : "Ready")
          : badge("busy", spaced(ready?.reason ?? "Unknown"));
  return html`<span class="badges">${state}${status.suspended ? badge("off", "Suspended") : null}</span>`;
}

/** `RolledBack` as people write it. */
function spaced(reason: string): string {
  const words = reason.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The rollout's own line says it where one is under way. */
function isTelling(condition: Condition): boolean {
  return condition.type === "Ready" && condition.status !== "Unknown";
}

function rolloutPart(status: ProjectStatus): Html | null {
  const { rollout } = status;
  if (rollout.state === "idle" || rollout.state === "stalled") return null;
  const until = rollout.until === null ? null : html` until ${time(rollout.until)}`;
  return html`<p class="rollout">${rollout.message}${until}</p>`;
}

/** Always there, so that a live `progress` event has a place to go. */
function progressPart(project: string, line: ProgressLine | null): Html {
  const share = line === null ? 0 : Math.round(fraction(line) * 1000) / 1000;
  const text = line === null ? "" : `${stepCount(line)}${line.message}`;
  return html`<div class="progress" data-project="${project}"${line === null ? html` hidden` : null}>
<progress max="1" value="${share}" aria-label="Progress of ${project}"></progress> <span>${text}</span></div>`;
}

function stepCount(line: ProgressLine): string {
  return line.step.of === null ? `step ${line.step.n}, ` : `step ${line.step.n} of ${line.step.of}, `;
}

function servicesTable(status: ProjectStatus): Html {
  if (status.services.length === 0) return html`<p>No services.</p>`;
  return html`<table>
<caption>Services of ${status.name}</caption>
<thead><tr><th scope="col">Service</th><th scope="col">State</th><th scope="col">Image</th><th scope="col">Update</th></tr></thead>
<tbody>${status.services.map((one) => serviceRow(one, status.lastLookAt !== null))}</tbody>
</table>`;
}

function serviceRow(service: ServiceStatus, looked: boolean): Html {
  const { image, replicas } = service;
  return html`<tr>
<th scope="row">${service.name}</th>
<td data-label="State">${containerPart(service)}${
    replicas.desired > 1 ? html` <small>${replicas.running} of ${replicas.desired} replicas</small>` : null
  }</td>
<td data-label="Image"><span class="reference">${image.reference}</span>${
    image.platformDigest === null
      ? null
      : html` <code title="${image.platformDigest}">${shortDigest(image.platformDigest)}</code>`
  }</td>
<td data-label="Update">${updatePart(service, looked)}</td>
</tr>`;
}

function containerPart(service: ServiceStatus): Html {
  const { container } = service;
  if (container === null) return badge("off", "no container");
  const restarts =
    container.restartCount > 0 ? html` <small>${container.restartCount} restarts</small>` : null;
  const output = container.healthOutput === "" ? container.error : container.healthOutput;
  const why =
    output === "" || (container.state === "running" && container.health === "healthy")
      ? null
      : html`<pre class="output">${output}</pre>`;
  return html`${stateBadge(container)}${restarts}${why}`;
}

function stateBadge(container: NonNullable<ServiceStatus["container"]>): Html {
  const { state, health, exitCode } = container;
  if (state === "exited") return badge(exitCode === 0 ? "off" : "bad", `exited, code ${exitCode}`);
  if (state !== "running") return badge(state === "created" || state === "paused" ? "off" : "bad", state);
  if (health === "none") return badge("good", "running");
  if (health === "starting") return badge("busy", "running, health starting");
  return badge(health === "healthy" ? "good" : "bad", `running, ${health}`);
}

function updatePart(service: ServiceStatus, looked: boolean): Html {
  const { available, held, container, image } = service;
  const offer =
    available === null
      ? null
      : html`<div>new: <code title="${available.platformDigest}">${shortDigest(available.platformDigest)}</code></div>`;
  const hold =
    held === null
      ? null
      : html`<div>${badge("warn", `held: ${held.reason}`)}<span class="why">${held.message}</span></div>`;
  if (offer !== null || hold !== null) return html`${offer}${hold}`;
  // "up to date" is a claim: made only where something runs, is recognised, and the registry was asked.
  const known = looked && container !== null && image.platformDigest !== null;
  return html`<span class="quiet">${known ? "up to date" : "not known"}</span>`;
}

function notices(status: ProjectStatus): Html | null {
  const lines = [...status.quarantine.map((one) => one.message), ...status.notes];
  if (lines.length === 0) return null;
  return html`<ul class="notes">${lines.map((one) => html`<li>${one}</li>`)}</ul>`;
}

function timesPart(status: ProjectStatus): Html {
  const { lastLookAt, nextLookAt } = status;
  const last = lastLookAt === null ? html`Not looked at yet` : html`Looked at ${time(lastLookAt)}`;
  return nextLookAt === null ? last : html`${last}, next look ${time(nextLookAt)}`;
}

function time(iso: string): Html {
  return html`<time datetime="${iso}">${iso.slice(0, 16).replace("T", " ")} UTC</time>`;
}

function planPart(id: string, plan: LastPlan | null): Html | null {
  if (plan === null) return null;
  const text = plan.rendered === "" ? "nothing to do" : plan.rendered;
  return html`<details id="${id}-plan"><summary>Last plan</summary>
<p>Made ${time(new Date(plan.at).toISOString())}, because: ${plan.trigger}</p><pre tabindex="0">${text}</pre></details>`;
}

function historyPart(id: string, history: readonly JournalEntry[]): Html | null {
  if (history.length === 0) return null;
  return html`<details id="${id}-history"><summary>History</summary><ol class="history">${history.map(
    (one) => html`<li>${time(new Date(one.at).toISOString())} ${eventWords(one.event)}</li>`,
  )}</ol></details>`;
}

function conditionsPart(id: string, status: ProjectStatus): Html {
  return html`<details id="${id}-conditions"><summary>Conditions</summary><dl class="conditions">${status.conditions.map(
    (one) => html`<div><dt>${one.type}: ${one.status}</dt><dd>${one.reason}: ${one.message}</dd></div>`,
  )}</dl></details>`;
}
