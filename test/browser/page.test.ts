// The page in a real browser: no console errors, live without reload, complete without JavaScript, at home on a phone.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createApp, type Listening, listen } from "../../src/http/index.ts";
import { aStep, MadeUpAgent } from "../http/support.ts";
import { aHostileProject, aProjectAtWork, aQuietProject, aStalledProject } from "../http/views.ts";

/** A browser, on a machine that has much else to do. */
const PATIENCE_MS = 120_000;

let browser: Browser;
/** Kept only where BOARDHAND_SHOTS says so. */
let shots: string;

beforeAll(async () => {
  shots = process.env.BOARDHAND_SHOTS ?? (await mkdtemp(join(tmpdir(), "boardhand-page-")));
  browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    timeout: PATIENCE_MS,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
});

afterAll(async () => {
  await browser?.close();
  if (process.env.BOARDHAND_SHOTS === undefined) await rm(shots, { recursive: true, force: true });
});

interface Opened {
  readonly agent: MadeUpAgent;
  readonly page: Page;
  readonly complaints: readonly string[];
}

/** Opens the page of a made-up agent and closes everything afterwards. */
async function onPage(
  agent: MadeUpAgent,
  options: BrowserContextOptions,
  look: (opened: Opened) => Promise<void>,
): Promise<void> {
  const app = createApp(agent, { throttleMs: 10 });
  const server: Listening = await listen(app, { host: "127.0.0.1", port: 0, graceMs: 500 });
  const context = await browser.newContext(options);
  context.setDefaultTimeout(PATIENCE_MS);
  const complaints: string[] = [];
  try {
    const page = await context.newPage();
    page.on("console", (line) => {
      if (line.type() === "error" || line.type() === "warning") complaints.push(line.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(`http://127.0.0.1:${server.address.port}/`);
    await look({ agent, page, complaints });
  } finally {
    await context.close();
    await server.close();
  }
}

function busyBoard(): MadeUpAgent {
  const agent = new MadeUpAgent();
  agent.projects = [aProjectAtWork(), aStalledProject()];
  agent.entries = [
    { seq: 1, at: Date.UTC(2026, 0, 2), project: "hello", event: { type: "suspended", value: true } },
  ];
  agent.rendered = `#1 web pullImage      localhost:5000/hello/web@sha256:${"b".repeat(64)} : tag latest moved\n#2 web createContainer <- #1`;
  return agent;
}

it("a change must arrive without a reload, and what was opened must stay open", async () => {
  const agent = new MadeUpAgent();
  agent.projects = [aQuietProject()];
  await onPage(agent, {}, async ({ page, complaints }) => {
    await expect.poll(() => page.textContent("#live")).toBe("Live");
    await page.evaluate("window.sameDocument = true");
    await page.click("#project-hello-plan summary");
    agent.projects = [aProjectAtWork()];
    agent.emit({ kind: "changed", project: "hello" });
    await page.getByText("held: RateLimited").waitFor();
    expect(await page.evaluate("window.sameDocument")).toBe(true);
    expect(await page.locator("#project-hello-plan").getAttribute("open")).not.toBeNull();
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Last plan");
    const progress = { layers: 2, layersDone: 1, bytes: 5_000_000, totalBytes: 20_000_000 };
    agent.emit({ kind: "step", project: "hello", step: aStep(1, "web"), of: 2 });
    agent.emit({ kind: "pull", project: "hello", step: aStep(1, "web"), progress });
    await page.getByText("step 1 of 2, web: starting (5.0 of 20.0 MB)").waitFor();
    expect(await page.locator("progress").getAttribute("value")).toBe("0.125");
    expect(complaints).toEqual([]);
  });
});

it("the page must be complete without JavaScript", async () => {
  await onPage(busyBoard(), { javaScriptEnabled: false }, async ({ page, complaints }) => {
    expect(await page.getByText("held: RateLimited").isVisible()).toBe(true);
    await page.click("#project-hello-plan summary");
    expect(await page.locator("#project-hello-plan pre").isVisible()).toBe(true);
    expect(complaints).toEqual([]);
  });
});

it("hostile words must stay words, also after a live update", async () => {
  const agent = new MadeUpAgent();
  agent.projects = [aHostileProject()];
  await onPage(agent, {}, async ({ page, complaints }) => {
    await expect.poll(() => page.textContent("#live")).toBe("Live");
    agent.projects = [aHostileProject(), aQuietProject()];
    agent.emit({ kind: "changed", project: "hello" });
    await page.locator("#project-hello").waitFor();
    const project = aHostileProject().name;
    agent.emit({ kind: "stepFailed", project, step: aStep(1, "web"), message: project });
    await page.locator(".progress span", { hasText: "failed" }).waitFor();
    expect(await page.evaluate("window.hacked")).toBeUndefined();
    expect(await page.locator("main script, main img").count()).toBe(0);
    expect(complaints).toEqual([]);
  });
});

it.each(["light", "dark"] as const)("the page must fit a phone and a desk, %s", async (colorScheme) => {
  const agent = busyBoard();
  for (const width of [360, 1100]) {
    await onPage(agent, { colorScheme, viewport: { width, height: 740 } }, async ({ page, complaints }) => {
      await expect.poll(() => page.textContent("#live")).toBe("Live");
      agent.emit({ kind: "step", project: "hello", step: aStep(3, "web"), of: 8 });
      await page.locator(".progress:visible").waitFor();
      await page.click("#project-hello-plan summary");
      await page.click("#project-hello-history summary");
      const overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
      expect(await page.evaluate(overflow)).toBe(0);
      await page.screenshot({ path: join(shots, `${colorScheme}-${width}.png`), fullPage: true });
      expect(complaints).toEqual([]);
    });
  }
});

it("the page must say when the agent has gone", async () => {
  const agent = new MadeUpAgent();
  const server = await listen(createApp(agent), { host: "127.0.0.1", port: 0 });
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(`http://127.0.0.1:${server.address.port}/`);
  await expect.poll(() => page.textContent("#live")).toBe("Live");
  await server.close();
  await expect.poll(() => page.textContent("#live")).toMatch(/from before/);
  await page.close();
});
