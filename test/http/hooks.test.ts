// The door for webhooks: which paths, methods and bodies it takes, and what it answers.
import { gzipSync } from "node:zlib";
import supertest from "supertest";
import { describe, expect, it } from "vitest";
import { createApp } from "../../src/http/index.ts";
import { DELIVERIES, deliveryOf } from "../triggers/webhooks/support.ts";
import { HOOK, HookedAgent, NOT_HERE, NOTIFICATIONS, PUSH, TOKEN } from "./hooks-support.ts";
import { MadeUpAgent } from "./support.ts";

const HINT = { registry: "registry.lan:5000", repository: "garden/soil", tag: "1.2" };
/** Without what the client would make of it. */
const asItIs = (call: supertest.Test, body: string | Buffer): supertest.Test =>
  call.serialize(() => body as string).send(body);
const NONE = { taken: 0, unknown: 0, ignored: 0, duplicates: 0, full: 0 };

describe("a delivery with the token", () => {
  it("must be answered 202 with what became of it", async () => {
    const agent = new HookedAgent();
    await agent
      .request()
      .post(HOOK)
      .send(PUSH)
      .expect(202, { ...NONE, taken: 1 });
    expect(agent.door.offered).toEqual([HINT]);
  });

  it("of a tag that nobody uses must be answered 202 and counted, and nothing else", async () => {
    const agent = new HookedAgent();
    agent.door.answer = "unknown";
    await agent
      .request()
      .post(HOOK)
      .send(PUSH)
      .expect(202, { ...NONE, unknown: 1 });
    expect(agent.door.webhooks.counts().unknown).toBe(1);
    expect(agent.actions).toEqual([]);
  });

  it.each(DELIVERIES)("of $provider/$name must come in as it was recorded", async (delivery) => {
    const { provider, payload, headers, pushes } = delivery;
    const agent = new HookedAgent();
    const call = agent.request().post(`/hooks/${provider}/${TOKEN}`).set(headers);
    const answer = await call.send(JSON.stringify(payload)).expect(202);
    expect(answer.body.taken + answer.body.ignored).toBe(Math.max(1, pushes.length));
  });

  it("that comes again must be heard once", async () => {
    const agent = new HookedAgent();
    const { payload, headers } = deliveryOf("distribution", "list-pushed");
    const send = () =>
      agent.request().post(`/hooks/distribution/${TOKEN}`).set(headers).send(JSON.stringify(payload));
    await send().expect(202, { ...NONE, taken: 1 });
    await send().expect(202, { ...NONE, duplicates: 1 });
    expect(agent.door.offered).toHaveLength(1);
  });

  it("must be answered before Docker Hub's callback is", async () => {
    const agent = new HookedAgent();
    const { payload } = deliveryOf("dockerhub", "push");
    const answer = await agent
      .request()
      .post(`/hooks/dockerhub/${TOKEN}`)
      .send(payload as object);
    expect(answer.status).toBe(202);
    expect(agent.door.confirmed).toHaveLength(1);
  });

  it("for which there is no room must be answered 503, so that its sender shows a failure", async () => {
    const agent = new HookedAgent();
    agent.door.answer = "full";
    const answer = await agent.request().post(HOOK).send(PUSH).expect(503);
    expect(answer.headers["retry-after"]).toBe("60");
    expect(answer.body.error.code).toBe("E_HTTP");
  });

  it("must be taken under a query, as some senders add one", async () => {
    await new HookedAgent().request().post(`${HOOK}?source=hub`).send(PUSH).expect(202);
  });
});

describe("a path without provider and token as they are", () => {
  const wrong = "x".repeat(TOKEN.length);
  const PATHS = [
    ["a wrong token", `/hooks/generic/${wrong}`],
    ["an unknown provider", `/hooks/nobody/${TOKEN}`],
    ["both wrong", `/hooks/nobody/${wrong}`],
    ["no token", "/hooks/generic"],
    ["an empty token", "/hooks/generic/"],
    ["nothing", "/hooks"],
    ["a part of the token", `/hooks/generic/${TOKEN.slice(0, -1)}`],
    ["more than the token", `/hooks/generic/${TOKEN}x`],
    ["something after the token", `/hooks/generic/${TOKEN}/x`],
    ["a slash after the token", `/hooks/generic/${TOKEN}/`],
    ["the token in upper case", `/hooks/generic/${TOKEN.toUpperCase()}`],
    ["another case", `/Hooks/generic/${TOKEN}`],
    ["two slashes", `//hooks/generic/${TOKEN}`],
    ["a malformed escape", "/hooks/generic/%zz"],
    ["a name of objects", `/hooks/__proto__/${TOKEN}`],
    ["a long token", `/hooks/generic/${"a".repeat(8_000)}`],
    ["the token for a secret that prints so", "/hooks/generic/[redacted]"],
  ] as const;

  it.each(PATHS)("must be refused alike with %s", async (_what, path) => {
    const agent = new HookedAgent();
    for (const method of ["post", "get", "put", "options"] as const) {
      const answer = await agent.request()[method](path).send(PUSH);
      expect(answer.status).toBe(404);
      expect(answer.body).toEqual(NOT_HERE);
      expect(answer.headers.allow).toBeUndefined();
    }
    expect(agent.door.offered).toEqual([]);
    expect(agent.door.webhooks.counts().refused).toBe(4);
  });

  it("must be refused alike where no webhook is configured", async () => {
    const app = supertest(createApp(new MadeUpAgent()));
    for (const [, path] of PATHS) await app.post(path).send(PUSH).expect(404, NOT_HERE);
    await app.post(HOOK).send(PUSH).expect(404, NOT_HERE);
  });

  it("must have the same headers, whichever part was wrong", async () => {
    const agent = new HookedAgent();
    const headers = async (path: string) => {
      const { date: _, etag: __, ...rest } = (await agent.request().post(path).send(PUSH)).headers;
      return rest;
    };
    const expected = await headers(`/hooks/generic/${wrong}`);
    expect(await headers(`/hooks/nobody/${TOKEN}`)).toEqual(expected);
    expect(await headers(`/hooks/nobody/${wrong}`)).toEqual(expected);
  });

  it.each([
    `/hook/generic/${TOKEN}`,
    `/%68ooks/generic/${TOKEN}`,
    `/api/v1/hooks/generic/${TOKEN}`,
    `/x/../hooks/generic/${TOKEN}`,
    `/hooks.generic/${TOKEN}`,
  ])("that is mistyped as %s must not be repeated by the answer", async (path) => {
    const answer = await new HookedAgent().request().post(path).send(PUSH);
    expect(answer.status).toBe(404);
    expect(answer.text).not.toContain(TOKEN);
  });
});

describe("another method", () => {
  it.each(["get", "put", "patch", "delete", "options"] as const)(
    "%s must be refused with the one that there is",
    async (method) => {
      const agent = new HookedAgent();
      const answer = await agent.request()[method](HOOK);
      expect(answer.status).toBe(405);
      expect(answer.headers.allow).toBe("POST");
      expect(agent.door.offered).toEqual([]);
    },
  );
});

describe("the body", () => {
  const json = JSON.stringify(PUSH);
  const form = `payload=${encodeURIComponent(json)}`;
  const FORM = "application/x-www-form-urlencoded";

  it.each([
    ["JSON", "application/json", json],
    ["JSON with its character set", "application/json; charset=utf-8", json],
    ["JSON with its character set quoted", 'Application/JSON;charset="UTF-8"', json],
    ["CloudEvents", "application/cloudevents+json", json],
    ["a registry's notifications", NOTIFICATIONS, json],
    ["a form", FORM, form],
    ["a form with other fields", FORM, `x=1&${form}&y=2`],
    ["a form with pluses for spaces", FORM, `payload=${encodeURIComponent(json).replace("%3A", "%3A+")}`],
    ["JSON after a mark of byte order", "application/json", `\ufeff${json}`],
    ["JSON whose last key of a name counts", "application/json", `{"image":"a/b:1","image":"${PUSH.image}"}`],
    ["JSON with a prototype", "application/json", `{"__proto__":{"x":1},"image":"${PUSH.image}"}`],
    [
      "JSON with a deep foreign part",
      "application/json",
      `{"x":${"[".repeat(100_000)}${"]".repeat(100_000)},"image":"${PUSH.image}"}`,
    ],
  ])("must be taken as %s", async (_what, type, body) => {
    const agent = new HookedAgent();
    await agent.request().post(HOOK).set("Content-Type", type).send(body).expect(202);
    expect(agent.door.offered).toEqual([HINT]);
    expect(({} as { readonly x?: unknown }).x).toBeUndefined();
  });

  it.each([
    ["text", 415, "text/plain", json],
    ["several parts", 415, "multipart/form-data; boundary=x", json],
    ["an empty type", 415, " ", json],
    ["another character set", 415, "application/json; charset=utf-16", json],
    ["yet another character set", 415, "application/json; charset=latin1", json],
    ["a form without the field", 400, FORM, "x=1"],
    ["a form of JSON, as curl sends it", 400, FORM, json],
    ["a form with a broken escape", 400, FORM, "payload=%7"],
    ["a form with half a character", 400, FORM, "payload=%c3%28"],
    ["nothing", 400, "application/json", ""],
    ["half of it", 400, "application/json", json.slice(0, -3)],
    ["two of them", 400, "application/json", json + json],
    ["what is no JSON", 400, "application/json", "image: nginx"],
    ["bytes that are no UTF-8", 400, "application/json", Buffer.from([0x22, 0xff, 0xfe, 0x22])],
    ["a zero", 400, "application/json", `${json}\u0000`],
  ])("must be refused as %s", async (_what, status, type, body) => {
    const agent = new HookedAgent();
    const answer = await asItIs(agent.request().post(HOOK).set("Content-Type", type), body);
    expect(answer.status).toBe(status);
    expect(answer.body.error.code).toBe("E_HTTP");
    expect(agent.door.offered).toEqual([]);
    expect(agent.door.webhooks.counts().ignored).toBe(1);
  });

  it.each([
    ["a text", '"nginx"'],
    ["null", "null"],
    ["a list", "[1]"],
    ["half a character", '{"image":"\\ud800/a:b"}'],
    ["depth alone", "[".repeat(500_000) + "]".repeat(500_000)],
  ])("that says nothing, as %s, must be ignored", async (_what, body) => {
    const call = new HookedAgent().request().post(HOOK).set("Content-Type", "application/json");
    await call.send(body).expect(202, { ...NONE, ignored: 1 });
  });

  it.each(["gzip", "deflate", "br", "gzip, identity"])(
    "compressed by %s must be refused",
    async (encoding) => {
      const agent = new HookedAgent();
      const call = agent
        .request()
        .post(HOOK)
        .set({ "Content-Type": "application/json", "Content-Encoding": encoding });
      await call.send(gzipSync("0".repeat(10_000_000))).expect(415);
      expect(agent.door.offered).toEqual([]);
    },
  );
});

describe("a sender that would send it again for ever", () => {
  const path = `/hooks/distribution/${TOKEN}`;

  it.each([
    ["garbage", NOTIFICATIONS, "{"],
    ["another type", "text/plain", "x"],
    ["no UTF-8", NOTIFICATIONS, Buffer.from([0xff])],
    ["a large body", NOTIFICATIONS, "x".repeat(1_100_000)],
  ])("must be told that all is well with %s", async (_what, type, body) => {
    const agent = new HookedAgent();
    await agent
      .request()
      .post(path)
      .set("Content-Type", type)
      .send(body)
      .expect(202, { ...NONE, ignored: 1 });
    expect(agent.door.webhooks.counts().ignored).toBe(1);
  });

  it("must be told so when there is no room", async () => {
    const agent = new HookedAgent();
    agent.door.answer = "full";
    const { payload, headers } = deliveryOf("distribution", "list-pushed");
    await agent
      .request()
      .post(path)
      .set(headers)
      .send(JSON.stringify(payload))
      .expect(202, { ...NONE, full: 1 });
  });
});
