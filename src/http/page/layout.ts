// The whole page: what the agent runs on, then one section a project. Complete without JavaScript.
import {
  type AgentStatus,
  describeCounts,
  describeDelivery,
  describeLimit,
} from "../../core/status/index.ts";
import { type Html, html } from "./html.ts";
import { type ProjectView, projectSection } from "./project.ts";

export type PageFacts = Pick<AgentStatus, "agent" | "webhooks" | "registries">;

/** The document; `page.js` replaces `<main>` by that of a newer one. `own` is the agent's own container, as a project. */
export function page(
  { agent, webhooks, registries }: PageFacts,
  projects: readonly ProjectView[],
  own: ProjectView | null = null,
): Html {
  const where = agent.host.name === "" ? "this board" : agent.host.name;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${where} · Boardhand</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/page.css">
<script src="/page.js" defer></script>
</head>
<body>
<header>
<h1>Boardhand <span class="host">on ${where}</span></h1>
<p id="live" role="status">As of when this page was loaded</p>
</header>
<main>
${agentLine(agent, registries)}
${webhooks === null ? null : webhookLine(webhooks)}
${projects.length === 0 ? html`<p>No projects yet. Put a directory with a compose file where <code>projects</code> in the configuration points.</p>` : projects.map((project) => projectSection(project))}
${own === null ? null : projectSection(own, "Boardhand itself")}
</main>
<footer><p>Version ${agent.version} · <a href="/api/v1/status">status as JSON</a> · <a href="/healthz">health</a></p></footer>
</body>
</html>
`;
}

function agentLine(agent: AgentStatus["agent"], registries: AgentStatus["registries"]): Html {
  const { platform, engine, host } = agent;
  const board = platform === null ? null : [platform.os, platform.architecture, platform.variant ?? ""];
  const facts: readonly (readonly [string, string])[] = [
    ["Board", [host.model, host.operatingSystem].filter((one) => one !== "").join(", ")],
    ["Images for", board === null ? "not known yet" : board.filter((one) => one !== "").join("/")],
    ["Engine", engine === null ? "" : `${engine.product} ${engine.version} (API ${engine.apiVersion})`],
    ["Memory", memoryWords(host.memoryBytes, host.memoryAvailableBytes)],
    ["Registries", registries.map(describeLimit).join("; ")],
  ];
  const standby = agent.standby === null ? null : html`<p class="notice">This agent ${agent.standby}.</p>`;
  return html`${standby}<dl class="agent">${facts
    .filter(([, value]) => value !== "")
    .map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
${agent.engineProblem === null ? null : html`<p class="notice bad"><strong>✕ The container engine does not answer:</strong> ${agent.engineProblem}</p>`}`;
}

function webhookLine({ counts, last }: NonNullable<AgentStatus["webhooks"]>): Html {
  const latest =
    last === null
      ? null
      : html`. The last, <time datetime="${last.at}">${last.at.slice(0, 16).replace("T", " ")} UTC</time>: ${describeDelivery(last)}`;
  return html`<p class="webhooks">Webhooks: ${describeCounts(counts)}${latest}.</p>`;
}

function memoryWords(total: number, available: number | null): string {
  const size = (bytes: number): string =>
    bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.round(bytes / 1e6)} MB`;
  if (total <= 0) return "";
  return available === null ? size(total) : `${size(available)} of ${size(total)} free`;
}
