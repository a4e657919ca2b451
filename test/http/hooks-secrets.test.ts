// What a sender must show besides the token, and that neither token nor secret nor body is ever written down.
import { createHmac } from "node:crypto";
import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { createLog } from "../../src/adapters/log/index.ts";
import { Secret } from "../../src/core/model/index.ts";
import { isProven } from "../../src/http/hook-proof.ts";
import type { WebhookHeaders } from "../../src/ports/index.ts";
import { deliveryOf } from "../triggers/webhooks/support.ts";
import { HOOK, HookedAgent, NOTIFICATIONS, PUSH, TOKEN } from "./hooks-support.ts";

const SECRET = "what-the-sender-was-given";
const GUESS = "what-a-stranger-guesses";
const MARKER = "only-in-the-body";

const hmac = (body: string, secret = SECRET): string =>
  createHmac("sha256", secret).update(body).digest("hex");

const guarded = (...providers: readonly string[]): HookedAgent =>
  new HookedAgent({ secrets: new Map(providers.map((name) => [name, new Secret(SECRET)])) });

interface Try {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

async function send(agent: HookedAgent, provider: string, { headers, body }: Try): Promise<number> {
  const call = agent.request().post(`/hooks/${provider}/${TOKEN}`);
  return (await call.set("Content-Type", "application/json").set(headers).send(body)).status;
}

it("the signature must be the one of GitHub's own example", () => {
  const proofs = [{ kind: "signature", header: "x-hub-signature-256" }] as const;
  const sender = { proofs, secret: new Secret("It's a Secret to Everybody"), neverRefuse: false };
  const signature = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
  const proven = (headers: Readonly<Record<string, string>>, body = "Hello, World!") =>
    isProven(sender, headers, [Buffer.from(body)]);
  expect(proven({ "x-hub-signature-256": `sha256=${signature}` })).toBe(true);
  expect(proven({ "x-hub-signature-256": signature })).toBe(true);
  expect(proven({ "x-hub-signature-256": `sha256=${signature}` }, "Hello, World")).toBe(false);
  expect(proven({ "x-hub-signature": `sha256=${signature}` })).toBe(false);
});

describe("a signature over the raw body", () => {
  const { payload, headers } = deliveryOf("github", "package-published");
  // Spaces that a parser would lose are signed as well.
  const body = ` ${JSON.stringify(payload, null, 3)}\n`;

  it.each([
    ["as GitHub writes it", `sha256=${hmac(body)}`, 202],
    ["bare", hmac(body), 202],
    ["in upper case", hmac(body).toUpperCase(), 202],
    ["of another secret", `sha256=${hmac(body, GUESS)}`, 401],
    ["of another body", `sha256=${hmac(body.trim())}`, 401],
    ["of the token", `sha256=${hmac(body, TOKEN)}`, 401],
    ["by another hash", `sha1=${createHmac("sha1", SECRET).update(body).digest("hex")}`, 401],
    ["that is empty", "", 401],
    ["that is empty but for its name", "sha256=", 401],
    ["cut short", hmac(body).slice(0, 40), 401],
    ["too long", `${hmac(body)}00`, 401],
    ["said twice", `${hmac(body)}, ${hmac(body)}`, 401],
    ["that is the secret itself", SECRET, 401],
  ])("%s must be answered %s", async (_what, signature, status) => {
    const agent = guarded("github");
    const all = { ...headers, "x-hub-signature-256": signature };
    expect(await send(agent, "github", { headers: all, body })).toBe(status);
    expect(agent.door.offered).toHaveLength(status === 202 ? 1 : 0);
    expect(agent.door.webhooks.counts().refused).toBe(status === 202 ? 0 : 1);
  });

  it("must be required once a secret is configured, and not before", async () => {
    const { "x-hub-signature-256": _, ...unsigned } = { ...headers, "x-hub-signature-256": "" };
    expect(await send(guarded("github"), "github", { headers: unsigned, body })).toBe(401);
    expect(await send(guarded("gitea"), "github", { headers: unsigned, body })).toBe(202);
  });

  it("must not stand in for the token", async () => {
    const agent = guarded("github");
    const call = agent.request().post(`/hooks/github/${GUESS}`).set(headers);
    await call
      .set("x-hub-signature-256", `sha256=${hmac(body)}`)
      .send(body)
      .expect(404);
  });
});

describe("a signature over a form", () => {
  const { payload, headers } = deliveryOf("gitea", "container-created");
  const json = JSON.stringify(payload);
  const body = `payload=${encodeURIComponent(json)}`;
  const { "x-gitea-signature": _, "x-hub-signature-256": __, ...others } = headers;
  const bare = { ...others, "content-type": "application/x-www-form-urlencoded" };

  it.each([
    ["over the JSON, as Gitea makes it", { "x-gitea-signature": hmac(json) }, 202],
    ["over the JSON, under GitHub's name", { "x-hub-signature-256": `sha256=${hmac(json)}` }, 202],
    ["over the form, as GitHub makes it", { "x-hub-signature-256": `sha256=${hmac(body)}` }, 202],
    ["of Forgejo", { "x-forgejo-signature": hmac(json) }, 202],
    ["of another secret", { "x-gitea-signature": hmac(json, GUESS) }, 401],
    ["that is missing", {}, 401],
  ])("%s must be answered %s", async (_what, signature, status) => {
    const sent = { headers: { ...bare, ...signature }, body };
    expect(await send(guarded("gitea"), "gitea", sent)).toBe(status);
  });

  it("must cover the field that is read: a second one must not slip in", async () => {
    const agent = guarded("gitea");
    const forged = `payload=${encodeURIComponent(json.replaceAll("latest", "forged"))}&${body}`;
    const sent = { headers: { ...bare, "x-gitea-signature": hmac(json) }, body: forged };
    expect(await send(agent, "gitea", sent)).toBe(401);
    expect(agent.door.offered).toEqual([]);
  });
});

describe("a secret in a header", () => {
  const { payload } = deliveryOf("harbor", "push-artifact");
  const body = JSON.stringify(payload);

  it.each([
    ["as it is", SECRET, 202],
    ["as a bearer", `Bearer ${SECRET}`, 202],
    ["as a bearer in lower case", `bearer  ${SECRET}`, 202],
    ["of a stranger", `Bearer ${GUESS}`, 401],
    ["with something after it", `Bearer ${SECRET}x`, 401],
    ["in upper case", SECRET.toUpperCase(), 401],
    ["that is empty", "", 401],
    ["as logs would print it", "[redacted]", 401],
  ])("%s must be answered %s", async (_what, authorization, status) => {
    expect(await send(guarded("harbor"), "harbor", { headers: { authorization }, body })).toBe(status);
  });

  it("that begins with a scheme of its own must be compared whole", async () => {
    const secret = new Secret("Bearer what-Harbor-was-given");
    const agent = new HookedAgent({ secrets: new Map([["harbor", secret]]) });
    const headers = { authorization: "Bearer what-Harbor-was-given" };
    expect(await send(agent, "harbor", { headers, body })).toBe(202);
  });

  it("must be required of a registry too, although it will send it again", async () => {
    const sent = { headers: { "content-type": NOTIFICATIONS }, body: '{"events":[]}' };
    expect(await send(guarded("distribution"), "distribution", sent)).toBe(401);
    const authorization = `Bearer ${SECRET}`;
    const right = { ...sent, headers: { ...sent.headers, authorization } };
    expect(await send(guarded("distribution"), "distribution", right)).toBe(202);
  });

  it("or a signature must be enough for one's own scripts", async () => {
    const json = JSON.stringify(PUSH);
    for (const headers of [{ authorization: SECRET }, { "x-hub-signature-256": hmac(json) }])
      expect(await send(guarded("generic"), "generic", { headers, body: json })).toBe(202);
    expect(await send(guarded("generic"), "generic", { headers: {}, body: json })).toBe(401);
  });
});

describe("what is written down", () => {
  it("must have neither tokens nor secrets nor more of a body than repository and tag", async () => {
    const lines: string[] = [];
    const stream = new Writable({
      write(chunk: Buffer, _encoding, done) {
        lines.push(chunk.toString());
        done();
      },
    });
    const log = createLog({ level: "debug", pretty: false, stream });
    const agent = new HookedAgent({ log, secrets: new Map([["github", new Secret(SECRET)]]) });
    Object.assign(agent, { log });
    const request = agent.request({ failures: 3 });
    const body = JSON.stringify({ ...PUSH, note: MARKER });
    const json = { "content-type": "application/json", authorization: `Bearer ${MARKER}`, "x-note": MARKER };
    const paths = [HOOK, `/hooks/nobody/${TOKEN}`, `/hooks/generic/${GUESS}`, `/hooks/github/${TOKEN}`];
    const answers = await Promise.all(
      [...paths, ...paths, `/Hooks/generic/${TOKEN}`, `/hooks/${GUESS}%zz`].flatMap((path) =>
        [body, `${MARKER}{`, `{"image":"${MARKER} no reference"}`].map((sent) =>
          request.post(path).set(json).send(sent),
        ),
      ),
    );
    const told = answers.map(({ text, headers }) => text + JSON.stringify(headers)).join("\n");
    const logged = lines.join("");
    expect(logged).toContain("garden/soil");
    expect(logged).toContain("an address keeps sending wrong webhooks");
    for (const secret of [TOKEN, SECRET, GUESS, MARKER]) {
      expect(logged).not.toContain(secret);
      expect(told).not.toContain(secret);
    }
  });

  it("must not be handed on to those who read the payload", async () => {
    const agent = new HookedAgent();
    const seen: WebhookHeaders[] = [];
    const { token, senders } = agent.door.webhooks;
    agent.webhooks = {
      token,
      senders,
      count: () => undefined,
      take: (provider, payload, headers) => {
        seen.push(headers);
        return agent.door.take(provider, payload, headers);
      },
    };
    const secrets = { authorization: `Bearer ${SECRET}`, cookie: `a=${SECRET}` };
    await agent.request().post(HOOK).set(secrets).set("X-GitHub-Event", "ping").send(PUSH).expect(202);
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ "x-github-event": "ping" });
    expect(JSON.stringify(seen)).not.toContain(SECRET);
  });

  it("must have nothing of a body when a bug is met", async () => {
    const bug = {
      offer: () => {
        throw new Error(`about\n${MARKER}\n\n${MARKER}`);
      },
    };
    const agent = new HookedAgent({ sink: bug });
    const answer = await agent.request().post(HOOK).send(PUSH).expect(500);
    expect(answer.text).not.toContain(MARKER);
    expect(agent.logged).toHaveLength(1);
    expect(JSON.stringify(agent.logged)).not.toContain(MARKER);
    expect(JSON.stringify(agent.logged)).toContain("hooks-secrets.test.ts");
  });
});
