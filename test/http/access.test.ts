// Who may change something.
import type { IncomingMessage, ServerResponse } from "node:http";
import supertest from "supertest";
import { describe, expect, it } from "vitest";
import { isLoopback } from "../../src/http/access.ts";
import { createApp } from "../../src/http/index.ts";
import { MadeUpAgent, TOKEN, withToken } from "./support.ts";

const CALLS = [
  ["/api/v1/check", { kind: "check", project: null }],
  ["/api/v1/projects/hello/check", { kind: "check", project: "hello" }],
  ["/api/v1/projects/hello/apply", { kind: "apply", project: "hello" }],
  ["/api/v1/projects/hello/rollback", { kind: "rollback", project: "hello" }],
  ["/api/v1/projects/hello/suspend", { kind: "suspend", project: "hello" }],
  ["/api/v1/projects/hello/resume", { kind: "resume", project: "hello" }],
] as const;

/** The same app, with the peer's address made up: no other machine is at hand. */
function from(address: string, agent: MadeUpAgent): (req: IncomingMessage, res: ServerResponse) => void {
  const app = createApp(agent);
  return (request, response) => {
    Object.defineProperty(request.socket, "remoteAddress", { value: address, configurable: true });
    app(request, response);
  };
}

describe("with a token", () => {
  it.each(CALLS)(
    "POST %s with the token must ask the agent and answer 202 with the id",
    async (path, action) => {
      const agent = withToken();
      const answer = await supertest(from("192.168.1.20", agent))
        .post(path)
        .set("Authorization", `Bearer ${TOKEN}`);
      expect(answer.status).toBe(202);
      expect(answer.body).toEqual({ id: "a-1" });
      expect(agent.actions).toEqual([action]);
    },
  );

  it.each(CALLS)("POST %s without it must be refused, even from loopback", async (path) => {
    const agent = withToken();
    const answer = await supertest(createApp(agent))
      .post(path)
      .set("Content-Type", "application/json")
      .send("{}");
    expect(answer.status).toBe(401);
    expect(answer.headers["www-authenticate"]).toContain("Bearer");
    expect(agent.actions).toEqual([]);
  });

  it.each([
    "Bearer wrong",
    "Bearer",
    `Basic ${TOKEN}`,
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN} x`,
    "Bearer [redacted]",
  ])("the header %j must be refused", async (header) => {
    const agent = withToken();
    const answer = await supertest(createApp(agent)).post("/api/v1/check").set("Authorization", header);
    expect(answer.status).toBe(401);
    expect(JSON.stringify(answer.body)).not.toContain(TOKEN);
    expect(agent.actions).toEqual([]);
  });

  it("services of a rollback must be passed on, and refused elsewhere", async () => {
    const agent = withToken();
    const post = (path: string) =>
      supertest(createApp(agent))
        .post(path)
        .set("Authorization", `Bearer ${TOKEN}`)
        .send({ services: ["web"] });
    await post("/api/v1/projects/hello/rollback").expect(202);
    await post("/api/v1/projects/hello/apply").expect(400);
    expect(agent.actions).toEqual([{ kind: "rollback", project: "hello", services: ["web"] }]);
  });

  it.each([
    ["E_UNKNOWN_PROJECT", 404],
    ["E_USAGE", 400],
    ["E_NOTHING_TO_ROLL_BACK", 409],
  ] as const)("the agent's own refusal %s must be answered %i with its words", async (code, status) => {
    const agent = withToken();
    agent.answer = { error: { code, message: "no", hint: "do so" } };
    await supertest(createApp(agent))
      .post("/api/v1/projects/hello/rollback")
      .set("Authorization", `Bearer ${TOKEN}`)
      .expect(status, { error: { code, message: "no", hint: "do so" } });
  });

  it("an unknown project must be refused without asking the agent to act", async () => {
    const agent = withToken();
    const answer = await supertest(createApp(agent))
      .post("/api/v1/projects/other/apply")
      .set("Authorization", `Bearer ${TOKEN}`);
    expect(answer.status).toBe(404);
    expect(answer.body.error.code).toBe("E_UNKNOWN_PROJECT");
    expect(agent.actions).toEqual([]);
  });
});

describe("without a token", () => {
  const json = { "Content-Type": "application/json" };

  it.each(["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"])(
    "a call from %s must be taken",
    async (address) => {
      const agent = new MadeUpAgent();
      await supertest(from(address, agent)).post("/api/v1/check").set(json).send("{}").expect(202);
      expect(agent.actions).toHaveLength(1);
    },
  );

  it("a call without a body must be taken when it has the custom header", async () => {
    await supertest(createApp(new MadeUpAgent())).post("/api/v1/check").set("X-Boardhand", "1").expect(202);
  });

  it.each(["192.168.1.20", "10.0.0.1", "::ffff:192.168.1.20", "fe80::1", "128.0.0.1", ""])(
    "a call from %j must be refused with a hint",
    async (address) => {
      const agent = new MadeUpAgent();
      const answer = await supertest(from(address, agent)).post("/api/v1/check").set(json).send("{}");
      expect(answer.status).toBe(403);
      expect(answer.body.error.hint).toContain("token_file");
      expect(agent.actions).toEqual([]);
    },
  );

  it("X-Forwarded-For must not make a stranger local", async () => {
    const agent = new MadeUpAgent();
    const call = supertest(from("192.168.1.20", agent)).post("/api/v1/check").set(json);
    await call.set("X-Forwarded-For", "127.0.0.1").send("{}").expect(403);
    expect(agent.actions).toEqual([]);
  });

  it.each([
    ["through a proxy", { "X-Forwarded-For": "203.0.113.9" }],
    ["through a proxy that says so otherwise", { Forwarded: "for=203.0.113.9" }],
    ["under a foreign name (DNS rebinding)", { Host: "evil.example" }],
    ["under a name that begins like loopback", { Host: "127.0.0.1.evil.example" }],
    ["by a foreign page", { Origin: "https://evil.example" }],
    ["by a page without an origin", { Origin: "null" }],
    ["by a page of another port", { Origin: "http://localhost:3000", Host: "localhost:8080" }],
    ["by a cross-site fetch", { "Sec-Fetch-Site": "cross-site" }],
    ["by a same-site fetch", { "Sec-Fetch-Site": "same-site" }],
    ["as a form", { "Content-Type": "application/x-www-form-urlencoded" }],
    ["as text", { "Content-Type": "text/plain" }],
  ])("a loopback call that comes %s must be refused", async (_how, headers) => {
    const agent = new MadeUpAgent();
    const call = supertest(createApp(agent)).post("/api/v1/check").set(json).set(headers);
    const answer = await call.send("{}");
    expect(answer.status).toBe(403);
    expect(agent.actions).toEqual([]);
  });

  it.each(["localhost", "localhost:8080", "127.0.0.1:80", "[::1]:8080"])(
    "the Host %s must be taken",
    async (host) => {
      await supertest(createApp(new MadeUpAgent()))
        .post("/api/v1/check")
        .set(json)
        .set("Host", host)
        .send("{}")
        .expect(202);
    },
  );

  it("the page's own script must be taken", async () => {
    const own = { Host: "localhost:8080", Origin: "http://localhost:8080", "Sec-Fetch-Site": "same-origin" };
    await supertest(createApp(new MadeUpAgent()))
      .post("/api/v1/check")
      .set(json)
      .set(own)
      .send("{}")
      .expect(202);
  });
});

it.each([
  ["127.0.0.1", true],
  ["127.255.255.254", true],
  ["::FFFF:127.0.0.1", true],
  ["127.0.0.1.evil", false],
  ["127.1", false],
  ["::2", false],
])("isLoopback(%j) must be %s", (address, expected) => {
  expect(isLoopback(address)).toBe(expected);
});
