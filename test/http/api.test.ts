// The reading routes and every refusal of a malformed request.
import { request as rawRequest } from "node:http";
import { connect } from "node:net";
import supertest from "supertest";
import { describe, expect, it } from "vitest";
import type { JournalEntry } from "../../src/core/model/index.ts";
import { createApp, listen } from "../../src/http/index.ts";
import { aProject, HOSTILE, MadeUpAgent, TOKEN, withToken } from "./support.ts";

const entries: JournalEntry[] = [1, 2, 3].map((seq) => ({
  seq,
  at: Date.UTC(2026, 0, seq),
  project: "hello",
  event: { type: "suspended", value: true },
}));

describe("reading", () => {
  it("the status must come as JSON that no cache keeps", async () => {
    const answer = await supertest(createApp(new MadeUpAgent())).get("/api/v1/status").expect(200);
    expect(answer.body.agent).toMatchObject({
      version: "0.1.0",
      platform: { os: "linux", architecture: "arm", variant: "v7" },
      engine: { version: "20.10.24", apiVersion: "1.41" },
    });
    expect(answer.body.projects[0].name).toBe("hello");
    expect(answer.headers["cache-control"]).toBe("no-store");
  });

  it("a project must come with its last plan as text", async () => {
    const answer = await supertest(createApp(new MadeUpAgent())).get("/api/v1/projects/hello").expect(200);
    expect(answer.body.name).toBe("hello");
    expect(answer.body.plan).toEqual({
      at: "2026-01-02T00:00:00.000Z",
      trigger: "schedule",
      text: "#1 web pullImage",
    });
  });

  it("history must come newest first, in the asked portion", async () => {
    const agent = new MadeUpAgent();
    agent.entries = entries;
    const answer = await supertest(createApp(agent))
      .get("/api/v1/projects/hello/history?limit=2")
      .expect(200);
    expect(answer.body.entries.map((one: { seq: number }) => one.seq)).toEqual([1, 2]);
    expect(answer.body.entries[0].at).toBe("2026-01-01T00:00:00.000Z");
    await supertest(createApp(agent)).get("/api/v1/projects/hello/history").expect(200);
    expect(agent.historyAsked).toEqual([2, 50]);
  });

  it.each(["0", "501", "-1", "1e3", "x", "", "2&limit=3"])(
    "a history limit of %j must be refused",
    async (limit) => {
      const agent = new MadeUpAgent();
      const answer = await supertest(createApp(agent)).get(`/api/v1/projects/hello/history?limit=${limit}`);
      expect(answer.status).toBe(400);
      expect(answer.body.error.code).toBe("E_HTTP");
      expect(agent.historyAsked).toEqual([]);
    },
  );

  it("health must be 200 when well and 503 with reasons when not", async () => {
    const agent = new MadeUpAgent();
    await supertest(createApp(agent)).get("/healthz").expect(200, { ok: true, reasons: [] });
    agent.healthy = { ok: false, reasons: ["the engine does not answer"] };
    await supertest(createApp(agent)).get("/healthz").expect(503, agent.healthy);
  });

  it("every answer must carry the security headers and none must name the framework", async () => {
    for (const path of ["/", "/page.js", "/page.css", "/favicon.svg", "/healthz", "/nowhere"]) {
      const { headers } = await supertest(createApp(new MadeUpAgent())).get(path);
      expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'");
      expect(headers["content-security-policy"]).not.toContain("unsafe");
      expect(headers["x-content-type-options"]).toBe("nosniff");
      expect(headers["x-powered-by"]).toBeUndefined();
    }
  });
});

describe("refusing", () => {
  it.each([
    ["GET", "/nowhere", 404],
    ["GET", "/api/v1/projects/other", 404],
    ["GET", "/api/v1/projects/__proto__", 404],
    ["GET", "/api/v1/projects/other/history", 404],
    ["GET", "/api/v1/projects/%ZZ", 400],
    ["GET", "/api/v1/projects/hello/explode", 404],
    ["GET", "/API/V1/status", 404],
    ["DELETE", "/api/v1/status", 405],
    ["OPTIONS", "/api/v1/status", 405],
    ["POST", "/", 405],
    ["GET", "/api/v1/check", 405],
    ["GET", "/api/v1/projects/hello/apply", 405],
  ])("%s %s must be answered %i in the usual shape", async (method, path, status) => {
    const app = createApp(withToken());
    const answer = await supertest(app)
      [method.toLowerCase() as "get"](path)
      .set("Authorization", `Bearer ${TOKEN}`);
    expect(answer.status).toBe(status);
    expect(Object.keys(answer.body)).toEqual(["error"]);
    expect(Object.keys(answer.body.error)).toEqual(["code", "message", "hint"]);
    if (status === 405) expect(answer.headers.allow).toMatch(/^(GET, HEAD|POST)$/);
  });

  it("a malformed percent encoding must be named as such", async () => {
    const answer = await supertest(createApp(new MadeUpAgent())).get("/api/v1/projects/%ZZ").expect(400);
    expect(answer.body.error.message).toContain("percent encoding");
  });

  it("a hostile path must be quoted and shortened in the message", async () => {
    const path = `/api/v1/projects/${encodeURIComponent(HOSTILE + "x".repeat(500))}`;
    const answer = await supertest(createApp(new MadeUpAgent())).get(path).expect(404);
    expect(answer.headers["content-type"]).toContain("application/json");
    expect(answer.body.error.message.length).toBeLessThan(200);
  });

  it.each([
    ["too large", "application/json", JSON.stringify({ services: ["x".repeat(1_048_576)] }), 413],
    ["malformed", "application/json", "{nope", 400],
    ["text", "text/plain", "hello", 415],
    ["a form", "application/x-www-form-urlencoded", "a=b", 415],
    ["JSON in name only", "application/jsonp", "{}", 415],
    ["in an unknown character set", "application/json; charset=utf-7", "{}", 415],
    ["a list", "application/json", "[]", 400],
    ["a number", "application/json", "3", 400],
    ["an unknown key", "application/json", '{"image":"evil"}', 400],
    ["services that are no list", "application/json", '{"services":"web"}', 400],
    ["services that are no names", "application/json", '{"services":[1]}', 400],
    ["no services at all", "application/json", '{"services":[]}', 400],
  ])("a body that is %s must be refused and nothing done", async (_what, type, body, status) => {
    const agent = withToken();
    const answer = await supertest(createApp(agent))
      .post("/api/v1/projects/hello/rollback")
      .set("Authorization", `Bearer ${TOKEN}`)
      .set("Content-Type", type)
      .send(body);
    expect(answer.status).toBe(status);
    expect(answer.body.error.code).toBe("E_HTTP");
    expect(agent.actions).toEqual([]);
  });

  it("a compressed body must be refused", async () => {
    const answer = await supertest(createApp(withToken()))
      .post("/api/v1/check")
      .set("Authorization", `Bearer ${TOKEN}`)
      .set("Content-Type", "application/json")
      .set("Content-Encoding", "gzip")
      .send("xxxx");
    expect(answer.status).toBe(415);
  });

  it("a bug must be logged and must not be told", async () => {
    const agent = new MadeUpAgent();
    agent.status = () => {
      throw new Error("password is hunter2");
    };
    const answer = await supertest(createApp(agent)).get("/api/v1/status").expect(500);
    expect(JSON.stringify(answer.body)).not.toContain("hunter2");
    expect(agent.logged.at(-1)?.message).toBe("an HTTP request failed");
  });

  it("an answer that does not come in time must be a 503", async () => {
    const agent = new MadeUpAgent();
    agent.history = () => new Promise(() => {});
    const app = createApp(agent, { answerMs: 20 });
    const answer = await supertest(app).get("/api/v1/projects/hello/history").expect(503);
    expect(answer.body.error.message).toContain("in time");
  });

  it("the page must come without history when the journal cannot be read", async () => {
    const agent = new MadeUpAgent();
    agent.history = () => Promise.reject(new Error("disk"));
    const answer = await supertest(createApp(agent)).get("/").expect(200);
    expect(answer.text).toContain("hello");
  });
});

describe("listening", () => {
  it("a taken port must be refused with what to do", async () => {
    const first = await listen(createApp(new MadeUpAgent()), { host: "127.0.0.1", port: 0 });
    const second = listen(createApp(new MadeUpAgent()), { host: "127.0.0.1", port: first.address.port });
    await expect(second).rejects.toMatchObject({
      code: "E_HTTP",
      retry: "never",
      hint: expect.stringContaining("http.listen"),
    });
    await first.close();
  });

  it("an address of another machine must be refused", async () => {
    const foreign = listen(createApp(new MadeUpAgent()), { host: "192.0.2.1", port: 0 });
    await expect(foreign).rejects.toMatchObject({
      code: "E_HTTP",
      message: expect.stringContaining("192.0.2.1"),
    });
  });

  it("what is no HTTP must be refused in the usual shape", async () => {
    const server = await listen(createApp(new MadeUpAgent()), { host: "127.0.0.1", port: 0 });
    const text = await new Promise<string>((resolve, reject) => {
      let received = "";
      const socket = connect(server.address.port, "127.0.0.1", () => socket.write("nonsense\r\n\r\n"));
      socket.on("data", (chunk) => {
        received += chunk.toString();
      });
      socket.on("end", () => resolve(received));
      socket.on("error", reject);
    });
    expect(text).toMatch(/^HTTP\/1.1 400 /);
    expect(text).toContain('"code":"E_HTTP"');
    await server.close();
  });

  it("closing must let a begun answer finish and take no new request", async () => {
    const agent = new MadeUpAgent();
    let answerNow: (entries: readonly JournalEntry[]) => void = () => {};
    const asked = new Promise<void>((resolve) => {
      agent.history = () => {
        resolve();
        return new Promise((give) => {
          answerNow = give;
        });
      };
    });
    const server = await listen(createApp(agent), { host: "127.0.0.1", port: 0 });
    const url = `http://127.0.0.1:${server.address.port}/api/v1/projects/hello/history`;
    const status = new Promise<number | undefined>((resolve, reject) => {
      const call = rawRequest(url, (answer) => resolve(answer.resume().statusCode));
      call.on("error", reject).end();
    });
    await asked;
    const closed = server.close();
    await expect(fetch(url)).rejects.toThrow();
    answerNow([]);
    expect(await status).toBe(200);
    await closed;
  });

  it("closing must cut off an answer that does not come within the grace time", async () => {
    const agent = new MadeUpAgent();
    const asked = new Promise<void>((resolve) => {
      agent.history = () => {
        resolve();
        return new Promise(() => {});
      };
    });
    const server = await listen(createApp(agent), { host: "127.0.0.1", port: 0, graceMs: 20 });
    const call = fetch(`http://127.0.0.1:${server.address.port}/api/v1/projects/hello/history`);
    const outcome = expect(call).rejects.toThrow();
    await asked;
    await server.close();
    await outcome;
  });

  it("a project's hostile words must reach the API's reader as JSON only", async () => {
    const agent = new MadeUpAgent();
    agent.projects = [aProject({ notes: [HOSTILE] })];
    const answer = await supertest(createApp(agent)).get("/api/v1/status").expect(200);
    expect(answer.body.projects[0].notes).toEqual([HOSTILE]);
    expect(answer.headers["content-type"]).toContain("application/json");
  });
});
