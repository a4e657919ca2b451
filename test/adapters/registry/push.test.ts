import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { DOCKER_LIST, OCI_INDEX } from "../../../src/core/image/index.ts";
import { type Asked, client, type Handler, holder, imageAt, login, useServers } from "./support.ts";

const serve = useServers();

const BYTES = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: DOCKER_LIST, manifests: [] }));
const DIGEST = `sha256:${createHash("sha256").update(BYTES).digest("hex")}`;
const OTHER = `sha256:${"0".repeat(64)}`;
const DOCUMENT = { mediaType: DOCKER_LIST, bytes: BYTES };
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail("nothing was thrown"),
    (error) => error,
  );
const taken: Handler = (_request, response) => {
  response.writeHead(201, { "docker-content-digest": DIGEST }).end();
};
const says =
  (status: number, headers: Record<string, string> = {}, body = ""): Handler =>
  (_request, response) => {
    response.writeHead(status, headers).end(body);
  };

describe("a push of a manifest", () => {
  it("must put the very bytes under the tag, with their media type, and answer with their digest", async () => {
    const server = await serve(taken);
    expect(await client({}).put(imageAt(server.address), "1.2.3", DOCUMENT)).toBe(DIGEST);
    expect(server.asked).toMatchObject([
      {
        method: "PUT",
        url: "/v2/team/app/manifests/1.2.3",
        body: BYTES.toString(),
        headers: { "content-type": DOCKER_LIST, "content-length": String(BYTES.length) },
      },
    ]);
  });

  it("must take a registry that does not say which digest it stored", async () => {
    const server = await serve(says(201));
    expect(await client({}).put(imageAt(server.address), "1", DOCUMENT)).toBe(DIGEST);
  });

  it("must refuse a registry that stored other bytes", async () => {
    const server = await serve(says(201, { "docker-content-digest": OTHER }));
    const error = await failure(client({}).put(imageAt(server.address), "1", DOCUMENT));
    expect(error).toMatchObject({ code: "E_REGISTRY_PROTOCOL" });
    expect(error.message).toContain("took other bytes for team/app:1");
  });

  it.each([200, 202, 204])("must not take %i for a stored manifest", async (status) => {
    const server = await serve(says(status, { "docker-content-digest": DIGEST }));
    expect(await failure(client({}).put(imageAt(server.address), "1", DOCUMENT))).toMatchObject({
      code: "E_REGISTRY_PROTOCOL",
    });
  });
});

describe("a refused push", () => {
  const said = (code: string, message: string) => JSON.stringify({ errors: [{ code, message }] });

  it.each([
    [403, "E_REGISTRY_AUTH", "never", "refuses a push to team/app:1 (403): DENIED, no"],
    [404, "E_REGISTRY_NOT_FOUND", "never", "has no place for team/app:1 (404): DENIED, no"],
    [400, "E_REGISTRY_PROTOCOL", "never", "does not take team/app:1 (400): DENIED, no"],
    [405, "E_REGISTRY_PROTOCOL", "never", "does not take team/app:1 (405): DENIED, no"],
    [429, "E_REGISTRY_RATE_LIMITED", "backoff", "limits requests"],
    [503, "E_REGISTRY_UNAVAILABLE", "backoff", "answered 503 for the push of team/app:1: DENIED, no"],
  ])("must say what %i means, and whether trying again helps", async (status, code, retry, words) => {
    const server = await serve(says(status, {}, said("DENIED", "no")));
    const error = await failure(client({}).put(imageAt(server.address), "1", DOCUMENT));
    expect(error).toMatchObject({ code, retry });
    expect(error.message).toContain(words);
  });

  it("must show of the registry's words only what can be printed, and not much of it", async () => {
    const body = said("DENIED", `\u001b[2J\u0007${"long ".repeat(500)}`);
    const server = await serve(says(403, {}, body));
    const { message } = await failure(client({}).put(imageAt(server.address), "1", DOCUMENT));
    expect(message).toMatch(/^[\x20-\x7e]+$/);
    expect(message.length).toBeLessThan(400);
  });

  it.each(["", "<html>", "null", "[]", '{"errors":{}}', '{"errors":[null]}', '{"errors":[{"code":7}]}'])(
    "must do without words when the answer is %j",
    async (body) => {
      const server = await serve(says(403, {}, body));
      const { message } = await failure(client({}).put(imageAt(server.address), "1", DOCUMENT));
      expect(message).toMatch(/refuses a push to team\/app:1 \(403\)$/);
    },
  );
});

describe("a redirected push", () => {
  it.each([307, 308])(
    "must be sent on as it is for %i, without the login where it leaves",
    async (status) => {
      const other = await serve(taken);
      const server = await serve((_request, response, { headers }) => {
        if (headers.authorization === undefined)
          says(401, { "www-authenticate": "Basic" })(_request, response, {} as Asked);
        else response.writeHead(status, { location: `http://${other.address}/elsewhere` }).end();
      });
      const registry = client({ credentials: holder(login("me", "secret")) });
      expect(await registry.put(imageAt(server.address), "1", DOCUMENT)).toBe(DIGEST);
      expect(other.asked).toMatchObject([{ method: "PUT", url: "/elsewhere", body: BYTES.toString() }]);
      expect(other.asked[0]?.headers.authorization).toBeUndefined();
    },
  );

  it.each([301, 302, 303])("must be refused for %i, which would make a GET of it", async (status) => {
    const other = await serve(taken);
    const server = await serve(says(status, { location: `http://${other.address}/elsewhere` }));
    const error = await failure(client({}).put(imageAt(server.address), "1", DOCUMENT));
    expect(error).toMatchObject({ code: "E_REGISTRY_PROTOCOL" });
    expect(error.message).toContain(`redirect (${status})`);
    expect(other.asked).toEqual([]);
  });
});

describe("the scope of tokens", () => {
  /** Grants whatever is asked for; `scopeFor` is what its challenges name. */
  async function tokenRegistry(
    scopeFor: (method: string) => string | null,
    granted = (scope: string) => scope,
  ) {
    const server = await serve((request, response, asked) => {
      if (asked.url.startsWith("/token")) {
        const scope = new URL(asked.url, "http://x").searchParams.get("scope") ?? "";
        return response.end(JSON.stringify({ token: Buffer.from(granted(scope)).toString("base64url") }));
      }
      const token = (asked.headers.authorization ?? "").replace("Bearer ", "");
      const rights = Buffer.from(token, "base64url").toString();
      const enough = asked.method === "PUT" ? rights.includes("push") : rights.includes("pull");
      if (enough && asked.method === "PUT") return taken(request, response, asked);
      if (enough) {
        return response
          .writeHead(200, { "content-type": OCI_INDEX, "docker-content-digest": DIGEST })
          .end(BYTES);
      }
      const scope = scopeFor(asked.method);
      const named = scope === null ? "" : `,scope="${scope}"`;
      const challenge = `Bearer realm="http://${server.address}/token",service="reg"${named}`;
      return response.writeHead(401, { "www-authenticate": challenge }).end();
    });
    const scopes = () =>
      server.asked
        .filter(({ url }) => url.startsWith("/token"))
        .map(({ url }) => new URL(url, "http://x").searchParams.get("scope"));
    return { server, scopes };
  }
  const named = (method: string) => `repository:team/app:${method === "PUT" ? "pull,push" : "pull"}`;

  it.each([
    ["the registry's own words", named],
    ["our own where it names none", () => null],
    ["our own where it names only pull", () => "repository:team/app:pull"],
  ])("must be push and pull for a push: %s", async (_title, scopeFor) => {
    const { server, scopes } = await tokenRegistry(scopeFor);
    await client({}).put(imageAt(server.address), "1", DOCUMENT);
    expect(scopes()).toEqual(["repository:team/app:pull,push"]);
  });

  it("must stay pull for what only reads, before and after a push to the same repository", async () => {
    const { server, scopes } = await tokenRegistry(named);
    const registry = client({});
    await registry.head(imageAt(server.address), "1");
    await registry.put(imageAt(server.address), "1", DOCUMENT);
    await registry.head(imageAt(server.address), "2");
    await registry.put(imageAt(server.address), "2", DOCUMENT);
    expect(scopes()).toEqual(["repository:team/app:pull", "repository:team/app:pull,push"]);
  });

  it("must stay pull for what only reads after a push", async () => {
    const { server, scopes } = await tokenRegistry(named);
    const registry = client({});
    await registry.put(imageAt(server.address), "1", DOCUMENT);
    await registry.head(imageAt(server.address), "1");
    expect(scopes()).toEqual(["repository:team/app:pull,push", "repository:team/app:pull"]);
  });

  it("must be said when only pull is granted", async () => {
    const { server } = await tokenRegistry(named, (scope) => scope.replace(",push", ""));
    const error = await failure(client({}).put(imageAt(server.address), "1", DOCUMENT));
    expect(error).toMatchObject({ code: "E_REGISTRY_AUTH", retry: "never" });
    expect(error.message).toContain("refuses a push to team/app:1 (401)");
  });
});
