// The reference pages name exactly what the code has.
import { readdirSync, readFileSync } from "node:fs";
import supertest from "supertest";
import { expect, it } from "vitest";
import { createApp } from "../../src/http/index.ts";
import { HOOK, HookedAgent, PUSH } from "./hooks-support.ts";
import { TOKEN, withToken } from "./support.ts";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const unique = (list: Iterable<string>): string[] => [...new Set(list)].sort();

it("holds.md must explain every hold reason, and no other", () => {
  const union = /export type HoldReason =([^;]*);/.exec(read("src/core/model/hold.ts"))?.[1] ?? "";
  const reasons = unique([...union.matchAll(/"(\w+)"/g)].map((one) => one[1] ?? ""));
  const rows = [...read("docs/reference/holds.md").matchAll(/^\| `(\w+)` \| (.+) \| (.+) \|$/gm)];
  expect(reasons.length).toBeGreaterThan(10);
  expect(unique(rows.map((one) => one[1] ?? ""))).toEqual(reasons);
  expect(rows).toHaveLength(reasons.length);
});

const documented = [...read("docs/reference/http-api.md").matchAll(/^### (GET|POST) (\S+)$/gm)].map(
  ([, method = "", path = ""]) => ({ method, path }),
);

const elsewhere = ["/api/v1/events", "/hooks/:provider/:token"];

it.each(documented.filter((one) => !elsewhere.includes(one.path)))(
  "$method $path of http-api.md must exist",
  async ({ method, path }) => {
    const url = path.replace(":project", "hello");
    const app = supertest(createApp(withToken()));
    const call = method === "GET" ? app.get(url) : app.post(url).set("Authorization", `Bearer ${TOKEN}`);
    expect((await call).status).toBe(method === "GET" ? 200 : 202);
  },
);

it("the webhook of http-api.md must exist, and its table have every provider", async () => {
  const agent = new HookedAgent();
  await agent.request().post(HOOK).send(PUSH).expect(202);
  const table = /\| provider \|.*?\n\n/s.exec(read("docs/reference/http-api.md"))?.[0] ?? "";
  const rows = [...table.matchAll(/^\| `(\w+)` \|/gm)].map((one) => one[1] ?? "");
  expect(unique(rows)).toEqual(unique(agent.door.webhooks.senders.keys()));
});

it("every route must be in http-api.md", () => {
  const sources = readdirSync(new URL("../../src/http/routes/", import.meta.url)).map((file) =>
    read(`src/http/routes/${file}`),
  );
  const kinds = ["check", "apply", "rollback", "suspend", "resume"];
  const paths = sources
    .flatMap((text) => [...text.matchAll(/["`](\/(?:[a-z].*?)?)["`]/g)].map((one) => one[1] ?? ""))
    .flatMap((path) =>
      path.includes("$" + "{kind}") ? kinds.map((kind) => path.replace("$" + "{kind}", kind)) : [path],
    );
  const page = read("docs/reference/http-api.md");
  expect(paths.length).toBeGreaterThan(12);
  const missing = paths.filter(
    (path) =>
      !page.includes(`GET ${path}\n`) && !page.includes(`POST ${path}\n`) && !page.includes(`\`${path}\``),
  );
  expect(missing).toEqual([]);
});
