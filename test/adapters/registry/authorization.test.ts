import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { OCI_INDEX } from "../../../src/core/image/index.ts";
import { Secret } from "../../../src/core/model/index.ts";
import {
  type Asked,
  client,
  type FaultyServer,
  type Handler,
  holder,
  imageAt,
  login,
  testClock,
  testLog,
  useServers,
} from "./support.ts";

const serve = useServers();

const BODY = JSON.stringify({ manifests: [] });
const DIGEST = `sha256:${createHash("sha256").update(BODY).digest("hex")}`;
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail("nothing was thrown"),
    (error) => error,
  );

interface TokenServer {
  /** What the token endpoint answers; the registry accepts every token in `valid`. */
  token: Handler;
  readonly valid: Set<string>;
  realm: string | null;
}

/** Registry and token server in one: `/token` gives tokens, the rest asks for them. */
async function tokenRegistry(): Promise<{
  server: FaultyServer;
  rules: TokenServer;
  tokenRequests: () => Asked[];
}> {
  const rules: TokenServer = { token: () => {}, valid: new Set(), realm: null };
  let made = 0;
  rules.token = (_request, response) => {
    const token = `token-${++made}`;
    rules.valid.add(token);
    response.end(JSON.stringify({ token, expires_in: 300 }));
  };
  const server = await serve((request, response, asked) => {
    if (asked.url.startsWith("/token")) return rules.token(request, response, asked);
    const token = (asked.headers.authorization ?? "").replace("Bearer ", "");
    if (rules.valid.has(token)) {
      return response
        .writeHead(200, { "content-type": OCI_INDEX, "docker-content-digest": DIGEST })
        .end(BODY);
    }
    const realm = rules.realm ?? `http://${server.address}/token`;
    const scope = `repository:${asked.url.split("/").slice(2, 4).join("/")}:pull`;
    const challenge = `Bearer realm="${realm}",service="reg",scope="${scope}"`;
    return response.writeHead(401, { "www-authenticate": challenge }).end();
  });
  const tokenRequests = () => server.asked.filter(({ url }) => url.startsWith("/token"));
  return { server, rules, tokenRequests };
}

describe("tokens", () => {
  it("must be fetched once for a repository, however many ask at once", async () => {
    const { server, tokenRequests } = await tokenRegistry();
    const registry = client({});
    const tags = ["1", "2", "3", "4"];
    await Promise.all(tags.map((tag) => registry.head(imageAt(server.address), tag)));
    await registry.head(imageAt(server.address), "5");
    expect(tokenRequests().map(({ url }) => url)).toEqual([
      "/token?service=reg&scope=repository%3Ateam%2Fapp%3Apull",
    ]);
    expect(server.asked.at(-1)?.headers.authorization).toBe("Bearer token-1");
  });

  it("must be fetched anew before they end, by the monotonic clock", async () => {
    const { server, tokenRequests } = await tokenRegistry();
    const clock = testClock();
    const registry = client({ clock });
    await registry.head(imageAt(server.address), "1");
    clock.advance(280_000);
    await registry.head(imageAt(server.address), "1");
    expect(tokenRequests()).toHaveLength(1);
    clock.advance(15_000);
    await registry.head(imageAt(server.address), "1");
    expect(tokenRequests()).toHaveLength(2);
  });

  it("must count 60 seconds where the server does not say", async () => {
    const { server, rules, tokenRequests } = await tokenRegistry();
    rules.token = (_request, response) => {
      rules.valid.add("t");
      response.end(JSON.stringify({ access_token: "t" }));
    };
    const clock = testClock();
    const registry = client({ clock });
    for (const ms of [0, 45_000, 10_000]) {
      clock.advance(ms);
      await registry.head(imageAt(server.address), "1");
    }
    expect(tokenRequests()).toHaveLength(2);
  });

  it("must be fetched anew when the registry no longer takes one", async () => {
    const { server, rules, tokenRequests } = await tokenRegistry();
    const registry = client({});
    await registry.head(imageAt(server.address), "1");
    rules.valid.clear();
    expect((await registry.head(imageAt(server.address), "1")).digest).toBe(DIGEST);
    expect(tokenRequests()).toHaveLength(2);
  });

  it("must be asked for with the login, which the registry itself never sees", async () => {
    const { server, tokenRequests } = await tokenRegistry();
    await client({ credentials: holder(login("me", "pa:ss")) }).head(imageAt(server.address), "1");
    const basic = `Basic ${Buffer.from("me:pa:ss").toString("base64")}`;
    expect(tokenRequests()[0]?.headers.authorization).toBe(basic);
    const others = server.asked.filter(({ url }) => !url.startsWith("/token"));
    expect(others.map(({ headers }) => headers.authorization)).toEqual([undefined, "Bearer token-1"]);
  });

  it("must be asked for by an identity token in a form, and by GET where that is not known", async () => {
    const { server, rules, tokenRequests } = await tokenRegistry();
    const usual = rules.token;
    const identity = login("me", "", { identityToken: new Secret("refresh-me") });
    await client({ credentials: holder(identity) }).head(imageAt(server.address), "1");
    const [posted] = tokenRequests();
    expect(posted?.method).toBe("POST");
    expect(Object.fromEntries(new URLSearchParams(posted?.body))).toMatchObject({
      grant_type: "refresh_token",
      service: "reg",
      scope: "repository:team/app:pull",
      refresh_token: "refresh-me",
    });
    rules.token = (request, response, asked) => {
      if (request.method === "POST") response.writeHead(405).end();
      else usual(request, response, asked);
    };
    await client({ credentials: holder(identity) }).head(imageAt(server.address), "1");
    expect(tokenRequests().map(({ method }) => method)).toEqual(["POST", "POST", "GET"]);
  });

  it("a registry token must be sent as it is", async () => {
    const { server, rules, tokenRequests } = await tokenRegistry();
    rules.valid.add("ready");
    const ready = login("", "", { registryToken: new Secret("ready") });
    expect((await client({ credentials: holder(ready) }).head(imageAt(server.address), "1")).digest).toBe(
      DIGEST,
    );
    expect(tokenRequests()).toEqual([]);
  });

  it.each([
    ["no token", "{}"],
    ["a token that would break the header", JSON.stringify({ token: "a\r\nx: y" })],
    ["no JSON", "<html>"],
    ["null", "null"],
    ["a huge token", JSON.stringify({ token: "t".repeat(70_000) })],
  ])("%s must be an error of the registry", async (_, body) => {
    const { server, rules } = await tokenRegistry();
    rules.token = (_request, response) => response.end(body);
    expect(await failure(client({}).head(imageAt(server.address), "1"))).toMatchObject({
      code: "E_REGISTRY_PROTOCOL",
    });
  });

  it.each([
    [500, "E_REGISTRY_UNAVAILABLE"],
    [404, "E_REGISTRY_UNAVAILABLE"],
    [429, "E_REGISTRY_RATE_LIMITED"],
    [401, "E_REGISTRY_AUTH"],
  ])("a token server that answers %i without a login is %s", async (status, code) => {
    const { server, rules } = await tokenRegistry();
    rules.token = (_request, response) => response.writeHead(status).end();
    expect(await failure(client({}).head(imageAt(server.address), "1"))).toMatchObject({
      code,
      retry: "backoff",
    });
  });

  it("must be asked for over https from every host that nobody has called safe, whoever the registry is", async () => {
    const { server, rules } = await tokenRegistry();
    rules.realm = "http://tokens.example/token";
    const registry = client({ credentials: holder(login("me", "secret")) });
    expect(await failure(registry.head(imageAt(server.address), "1"))).toMatchObject({
      code: "E_REGISTRY_PROTOCOL",
      message: expect.stringContaining("not reached over https"),
    });
    const safe = client({ insecure: ["tokens.example"] });
    expect((await failure(safe.head(imageAt(server.address), "1"))).message).toMatch(/DNS/);
  });

  it("must not be handed to another registry that names the same realm and scope", async () => {
    const { server, tokenRequests } = await tokenRegistry();
    const thief = await serve((_request, response) => {
      const scope = "repository:team/app:pull";
      const challenge = `Bearer realm="http://${server.address}/token",service="reg",scope="${scope}"`;
      response.writeHead(401, { "www-authenticate": challenge }).end();
    });
    const registry = client({ credentials: holder(login("me", "secret")) });
    await registry.head(imageAt(server.address), "1");
    await failure(registry.head(imageAt(thief.address, "any/thing"), "1"));
    expect(thief.asked.map(({ headers }) => headers.authorization)).not.toContain("Bearer token-1");
    expect(tokenRequests()).toHaveLength(2);
  });

  it.each(["ftp://127.0.0.1/token", "http://user:pw@127.0.0.1/token"])(
    "the realm %s must be refused",
    async (realm) => {
      const { server, rules } = await tokenRegistry();
      rules.realm = realm;
      expect(await failure(client({}).head(imageAt(server.address), "1"))).toMatchObject({
        code: "E_REGISTRY_PROTOCOL",
      });
    },
  );
});

describe("credentials that were rejected", () => {
  it("by the token server must not be sent again until they change", async () => {
    const { server, rules, tokenRequests } = await tokenRegistry();
    const usual = rules.token;
    rules.token = (_request, response) => response.writeHead(401).end();
    const credentials = holder(login("me", "wrong"));
    const log = testLog();
    const registry = client({ credentials, log });
    for (const tag of ["1", "2", "3"]) {
      const error = await failure(registry.head(imageAt(server.address), tag));
      expect(error).toMatchObject({ code: "E_REGISTRY_AUTH", retry: "never" });
      expect(JSON.stringify([error.message, error.hint, error.data, log.lines])).not.toContain("wrong");
    }
    expect(tokenRequests()).toHaveLength(1);
    const before = server.asked.length;
    await failure(registry.head(imageAt(server.address, "other/app"), "1"));
    expect(server.asked.length).toBe(before);
    rules.token = usual;
    credentials.current = login("me", "right");
    expect((await registry.head(imageAt(server.address), "1")).digest).toBe(DIGEST);
  });

  it("by the registry itself (Basic) likewise", async () => {
    const right = `Basic ${Buffer.from("me:right").toString("base64")}`;
    const server = await serve((_request, response, asked) => {
      if (asked.headers.authorization === right) {
        response.writeHead(200, { "docker-content-digest": DIGEST }).end();
      } else response.writeHead(401, { "www-authenticate": 'Basic realm="x"' }).end();
    });
    const credentials = holder(login("me", "wrong"));
    const registry = client({ credentials });
    for (const tag of ["1", "2"]) {
      expect(await failure(registry.head(imageAt(server.address), tag))).toMatchObject({ retry: "never" });
    }
    expect(server.asked.filter(({ headers }) => headers.authorization !== undefined)).toHaveLength(1);
    credentials.current = login("me", "right");
    await registry.head(imageAt(server.address), "1");
    const sent = server.asked.length;
    await registry.head(imageAt(server.address), "1");
    expect(server.asked.length).toBe(sent + 1);
  });

  it("are none when only this repository is refused", async () => {
    const { server, rules } = await tokenRegistry();
    rules.token = (_request, response) => response.end(JSON.stringify({ token: "too-little" }));
    const registry = client({ credentials: holder(login("me", "right")) });
    expect(await failure(registry.head(imageAt(server.address), "1"))).toMatchObject({
      code: "E_REGISTRY_AUTH",
      retry: "backoff",
    });
    const before = server.asked.length;
    await failure(registry.head(imageAt(server.address, "other/app"), "1"));
    expect(server.asked.length).toBeGreaterThan(before);
  });
});

describe("without credentials", () => {
  it("Basic must be told as a missing login, asked once", async () => {
    const server = await serve((_request, response) => {
      response.writeHead(401, { "www-authenticate": "Basic realm=x" }).end();
    });
    expect(await failure(client({}).head(imageAt(server.address), "1"))).toMatchObject({
      code: "E_REGISTRY_AUTH",
    });
    expect(server.asked).toHaveLength(1);
  });
});
