import supertest from "supertest";
import { expect, it } from "vitest";
import { createApp } from "../../src/http/index.ts";
import { anAgent, withToken } from "./support.ts";

const COUNTS = { taken: 3, unknown: 0, ignored: 0, duplicates: 0, full: 0, refused: 12 };

async function page(webhooks: ReturnType<typeof anAgent>["webhooks"]): Promise<string> {
  const agent = withToken();
  agent.status = () => ({ ...anAgent([]), webhooks });
  return (await supertest(createApp(agent)).get("/").expect(200)).text;
}

it("the page must say how many webhooks came and what came of the last push, as text", async () => {
  const text = await page({
    counts: COUNTS,
    last: { at: "2026-01-02T03:04:05.000Z", provider: "quay", image: "<b>/app:1", state: "nothingNew" },
  });
  expect(text).toContain(
    'Webhooks: 3 looked for, 12 refused. The last, <time datetime="2026-01-02T03:04:05.000Z">2026-01-02 03:04 UTC</time>: ' +
      "&lt;b&gt;/app:1 from quay: the registry showed nothing new within 15 minutes.",
  );
});

it("the page must claim nothing of webhooks before the first one, and nothing at all without a token", async () => {
  expect(await page({ counts: { ...COUNTS, taken: 0, refused: 0 }, last: null })).toContain(
    "Webhooks: none yet.",
  );
  expect(await page(null)).not.toContain("Webhooks");
});
