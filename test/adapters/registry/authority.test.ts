// Real TLS, with an authority made at run time.
import { createHash } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createTransport } from "../../../src/adapters/registry/transport.ts";
import { createTrust } from "../../../src/adapters/registry/trust.ts";
import { OCI_INDEX } from "../../../src/core/image/index.ts";
import { type Authority, type CertificateFiles, makeAuthority } from "../../lab/certificates.ts";
import { client, imageAt, testClock } from "./support.ts";

const BODY = JSON.stringify({ manifests: [] });
const DIGEST = `sha256:${createHash("sha256").update(BODY).digest("hex")}`;

let authority: Authority;
let other: Authority;
let good: CertificateFiles;
let directory = "";
const running: Server[] = [];
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "boardhand-trust-"));
  [authority, other] = await Promise.all([makeAuthority(), makeAuthority()]);
  good = await authority.issue(["reg.test", "localhost"]);
});
afterEach(async () => {
  for (const server of running.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
afterAll(async () => {
  await authority.remove();
  await other.remove();
  await rm(directory, { recursive: true });
});

/** The address of a registry that speaks TLS, by a name that may not be plain HTTP. */
async function serve({ certificate, key }: CertificateFiles): Promise<{ host: string; port: number }> {
  const pem = { cert: await readFile(certificate), key: await readFile(key) };
  const server = createServer(pem, (_request, response) => {
    response.writeHead(200, { "content-type": OCI_INDEX, "docker-content-digest": DIGEST }).end(BODY);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  running.push(server);
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { host: `localhost:${port}`, port };
}

function ask(
  host: string,
  trust: ReturnType<typeof createTrust>,
  time = { now: () => Date.now(), builtAt: 0 },
) {
  const send = createTransport(trust, time);
  const exchange = { host, url: `https://${host}/v2/`, method: "GET", headers: {} } as const;
  return send({ ...exchange, timeoutMs: 5_000, maxBytes: 10_000 });
}
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail("nothing was thrown"),
    (error) => error,
  );

describe("a registry whose certificate an authority of one's own signed", () => {
  it("must be refused where nobody said so, and taken where registries.ca names its file", async () => {
    const { host } = await serve(good);
    expect(await failure(ask(host, createTrust({})))).toMatchObject({
      code: "E_REGISTRY_UNAVAILABLE",
      message: expect.stringMatching(/signed by somebody unknown/),
      hint: expect.stringContaining("registries.ca"),
    });
    expect((await ask(host, createTrust({ [host]: authority.ca }))).status).toBe(200);
  });

  it("must be taken by the engine's own convention, and again when that file is exchanged", async () => {
    const { host } = await serve(good);
    const certs = join(directory, "certs.d");
    await mkdir(join(certs, host), { recursive: true });
    const file = join(certs, host, "ca.crt");
    await copyFile(other.ca, file);
    const trust = createTrust({}, certs);
    expect((await failure(ask(host, trust))).code).toBe("E_REGISTRY_UNAVAILABLE");
    await copyFile(authority.ca, file);
    await utimes(file, new Date(), new Date(Date.now() + 5_000));
    expect((await ask(host, trust)).status).toBe(200);
    await rm(file);
    expect((await failure(ask(host, trust))).code).toBe("E_REGISTRY_UNAVAILABLE");
  });

  it("must not make the authority good for another registry", async () => {
    const [mine, foreign] = await Promise.all([serve(good), serve(good)]);
    const trust = createTrust({ [mine.host]: authority.ca });
    expect((await ask(mine.host, trust)).status).toBe(200);
    expect((await failure(ask(foreign.host, trust))).code).toBe("E_REGISTRY_UNAVAILABLE");
  });

  it("must still be refused under another name", async () => {
    const wrong = await serve(await authority.issue(["elsewhere.test"]));
    expect(await failure(ask(wrong.host, createTrust({ [wrong.host]: authority.ca })))).toMatchObject({
      message: expect.stringMatching(/for another name/),
    });
  });

  it("must be asked as a registry by the whole adapter", async () => {
    const { port } = await serve(good);
    // `localhost` is always spoken to plainly, so a name of the certificate's stands in for the host.
    const host = `reg.test:${port}`;
    const failed = await failure(client({ ca: { [host]: authority.ca } }).head(imageAt(host), "1"));
    expect(failed.message).toMatch(/DNS/);
    const mirror = { "reg.test": [`https://localhost:${port}`] };
    const registry = client({ mirrors: mirror, ca: { [`localhost:${port}`]: authority.ca } });
    expect(await registry.copies.head(imageAt("reg.test"), "1")).toMatchObject({ digest: DIGEST });
  });

  it.each([
    ["missing", null, /ENOENT/],
    ["no PEM", "not a certificate", /no certificate in it/],
    ["too large", "x".repeat(2 * 1024 ** 2), /larger than/],
  ])("must be held with the file's name when that is %s", async (name, content, message) => {
    const file = join(directory, `${name}.crt`);
    if (content !== null) await writeFile(file, content);
    expect(await failure(ask("reg.test", createTrust({ "reg.test": file })))).toMatchObject({
      code: "E_REGISTRY_UNAVAILABLE",
      message: expect.stringMatching(message),
      hint: expect.stringContaining("registries.ca"),
      data: { path: file },
    });
  });
});

describe("a clock that is before this program was made", () => {
  const past = { now: () => Date.UTC(1970, 0, 1, 0, 0, 42), builtAt: Date.UTC(2026, 10, 21) };
  const dates = {
    "not valid yet": { from: "20900101000000Z", to: "20990101000000Z" },
    "valid no more": { from: "20100101000000Z", to: "20110101000000Z" },
  };

  it.each(Object.entries(dates))(
    "must be named when a certificate is %s, and tried again soon",
    async (_, validity) => {
      const { host } = await serve(await authority.issue(["localhost"], validity));
      const trust = createTrust({ [host]: authority.ca });
      expect(await failure(ask(host, trust, past))).toMatchObject({
        code: "E_REGISTRY_UNAVAILABLE",
        message: `${host}: its TLS certificate cannot be checked: the board's clock says 1970-01-01T00:00:42.000Z, which is before this program was made (2026-11-21)`,
        retry: "backoff",
        data: { retryAfterMs: 5_000 },
      });
      const later = { ...past, now: () => Date.UTC(2026, 10, 22) };
      const error = await failure(ask(host, trust, later));
      expect(error.message).toMatch(/or the board's clock is wrong/);
      expect(error.data.retryAfterMs).toBeUndefined();
    },
  );

  it("must not be blamed for what is not a matter of time", async () => {
    const { host } = await serve(good);
    expect((await failure(ask(host, createTrust({}), past))).message).toMatch(/somebody unknown/);
  });
});

it("a frozen clock must do for tokens and limits", () => {
  expect(client({ clock: testClock() }).limits()).toEqual([]);
});
