// The page as text: escaping, and that everything a reader needs is there without JavaScript.
import supertest from "supertest";
import { describe, expect, it } from "vitest";
import type { JournalEvent, QuarantineEntry } from "../../src/core/model/index.ts";
import { createApp } from "../../src/http/index.ts";
import { eventWords } from "../../src/http/page/history.ts";
import { html } from "../../src/http/page/html.ts";
import { aStep, HOSTILE, MadeUpAgent } from "./support.ts";
import { aHostileProject, aProjectAtWork } from "./views.ts";

async function pageOf(agent: MadeUpAgent): Promise<string> {
  const answer = await supertest(createApp(agent)).get("/").expect(200);
  expect(answer.headers["content-type"]).toBe("text/html; charset=utf-8");
  return answer.text;
}

describe("html", () => {
  it("values must come out as text, in content and in quoted attributes", () => {
    expect(html`<p title="${HOSTILE}">${HOSTILE}</p>`.markup).not.toMatch(/<script|<img|onerror="/);
    expect(html`${`&<>"'`}`.markup).toBe("&amp;&lt;&gt;&quot;&#39;");
  });

  it("its own markup must not be escaped twice, lists joined, null and false left out", () => {
    expect(html`<ul>${["a", "b"].map((one) => html`<li>${one}</li>`)}${null}${false}${0}</ul>`.markup).toBe(
      "<ul><li>a</li><li>b</li>0</ul>",
    );
  });
});

describe("page", () => {
  it("must say what registries with a limit still give, and nothing where none has one", async () => {
    const agent = new MadeUpAgent();
    const limit = { host: "docker.io", limit: 100, remaining: 76, windowSeconds: 21_600, seenAt: null };
    expect(await pageOf(agent)).not.toContain("Registries");
    const all = agent.status();
    agent.status = () => ({ ...all, registries: [limit, { ...limit, host: HOSTILE }] });
    const text = await pageOf(agent);
    expect(text).toContain("<dt>Registries</dt><dd>docker.io gives 76 more of 100 pulls in 6 h; ");
    expect(text).not.toContain("<img");
  });

  it("no hostile word of a container, registry or file may become markup", async () => {
    const agent = new MadeUpAgent();
    agent.projects = [aHostileProject()];
    agent.rendered = HOSTILE;
    const event: JournalEvent = { type: "released", services: [HOSTILE], why: HOSTILE };
    agent.entries = [{ seq: 1, at: 1, project: "hello", event }];
    const text = await pageOf(agent);
    expect(text.match(/<script/g)).toHaveLength(1);
    expect(text).not.toContain("<img");
    expect(text.match(/&lt;script&gt;/g)?.length).toBeGreaterThan(5);
  });

  it("a service's image, running digest, state, health, hold and offer must be on it", async () => {
    const agent = new MadeUpAgent();
    agent.projects = [aProjectAtWork()];
    const text = await pageOf(agent);
    for (const word of [
      "localhost:5000/hello/web:latest",
      "aaaaaaaaaaaa",
      "running, unhealthy",
      "connection refused",
      "held: RateLimited",
      "asks again at 12:00",
      "bbbbbbbbbbbb",
      "linux/arm/v7",
      "docker 20.10.24 (API 1.41)",
      "replacing web",
      "#1 web pullImage",
      "Step 1 said no",
    ]) {
      expect(text).toContain(word);
    }
  });

  it("progress must be on it while a project is at work, and gone afterwards", async () => {
    const agent = new MadeUpAgent();
    const app = createApp(agent);
    agent.emit({ kind: "step", project: "hello", step: aStep(3, "web"), of: 4 });
    const during = (await supertest(app).get("/")).text;
    expect(during).toContain("step 3 of 4, web: starting");
    expect(during).toContain('value="0.5"');
    agent.emit({ kind: "rollout", project: "hello", rollout: { kind: "idle", good: "r1" } });
    expect((await supertest(app).get("/")).text).not.toContain("step 3 of 4");
  });

  it("progress must be gone after a plan that moved nothing has ended", async () => {
    const agent = new MadeUpAgent();
    const app = createApp(agent);
    agent.emit({ kind: "step", project: "hello", step: aStep(1, "web"), of: 1 });
    agent.emit({ kind: "changed", project: "hello" });
    expect((await supertest(app).get("/")).text).toContain("step 1 of 1");
    agent.emit({ kind: "stepDone", project: "hello", step: aStep(1, "web"), ms: 5 });
    agent.emit({ kind: "changed", project: "hello" });
    expect((await supertest(app).get("/")).text).not.toContain("step 1 of 1");
  });

  it("an engine that does not answer and a board without projects must be said", async () => {
    const agent = new MadeUpAgent();
    agent.projects = [];
    const status = agent.status();
    agent.status = () => ({
      ...status,
      agent: { ...status.agent, platform: null, engine: null, engineProblem: "no such socket" },
    });
    const text = await pageOf(agent);
    expect(text).toContain("The container engine does not answer");
    expect(text).toContain("no such socket");
    expect(text).toContain("No projects yet");
  });
});

const QUARANTINED: QuarantineEntry = {
  service: "web",
  platformDigest: null,
  definitionHash: "v1:ab",
  culprit: { service: "web", platformDigest: null, definitionHash: "v1:ab" },
  reason: "never healthy",
  since: 0,
};

it.each<[JournalEvent, string]>([
  [{ type: "plan", trigger: "schedule", revision: "r", rendered: "" }, "planned (schedule)"],
  [{ type: "intent", steps: [{ n: 1, kind: "pullImage", service: "web", what: "pull it" }] }, "#1 pull it"],
  [{ type: "done", n: 1, kind: "pullImage", ms: 1500 }, "#1 pullImage done in 1.5 s"],
  [
    { type: "failed", n: 2, kind: "startContainer", code: "E_PULL", message: "no" },
    "#2 startContainer failed: no (E_PULL)",
  ],
  [{ type: "rollout", state: { kind: "idle", good: "r1" } }, "revision r1 is proven"],
  [{ type: "rollout", state: { kind: "idle", good: null } }, "nothing under way"],
  [
    { type: "rollout", state: { kind: "stalled", good: null, failed: "r", reason: "no", rolledBack: true } },
    "rolled back: no",
  ],
  [{ type: "quarantine", entries: [QUARANTINED] }, "quarantined: web (never healthy)"],
  [{ type: "quarantine", entries: [] }, "quarantine is empty"],
  [{ type: "released", services: ["web"], why: "the tag moved" }, "released web: the tag moved"],
  [{ type: "suspended", value: false }, "resumed"],
  [{ type: "seen", services: { b: "1", a: "1" } }, "seen running: a, b"],
])("the journal entry %j must read %j", (event, words) => {
  expect(eventWords(event)).toBe(words);
});
