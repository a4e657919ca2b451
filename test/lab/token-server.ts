// A small token server for a registry with `auth.token`: signs RS256 tokens with a key of its own (distribution, auth/jwt.md).
import { execFile } from "node:child_process";
import { createSign, randomUUID, X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

export interface TokenAsked {
  readonly method: string;
  readonly user: string | null;
  readonly scope: string;
}

export interface TokenServer {
  readonly realm: string;
  readonly issuer: string;
  readonly service: string;
  /** PEM, for the registry's `rootcertbundle`. */
  readonly certificate: string;
  /** Scopes that were asked for, with the user who did. */
  readonly asked: TokenAsked[];
  stop(): Promise<void>;
}

export interface TokenServerOptions {
  /** Password by user. Without a login `pull` of anything under `public/` is allowed, with one everything is. */
  readonly users: Readonly<Record<string, string>>;
  /** User by refresh token, taken by POST (oauth.md); without any POST is not known (405). */
  readonly refresh?: Readonly<Record<string, string>>;
  /** Seconds. */
  readonly lifetime?: number;
}

const ISSUER = "boardhand-test";
const SERVICE = "boardhand-registry";

interface Signer {
  readonly key: string;
  readonly certificate: string;
}

async function makeSigner(): Promise<Signer> {
  const directory = await mkdtemp(join(tmpdir(), "boardhand-tokens-"));
  const key = join(directory, "key.pem");
  const certificate = join(directory, "certificate.pem");
  const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", `/CN=${ISSUER}`];
  await promisify(execFile)("openssl", [...request, "-keyout", key, "-out", certificate]);
  const signer = { key: await readFile(key, "utf8"), certificate: await readFile(certificate, "utf8") };
  await rm(directory, { recursive: true });
  return signer;
}

function accessTo(scope: string, user: string | null): readonly object[] {
  const [type, name = "", actions = ""] = scope.split(":");
  const wanted = actions.split(",");
  const allowed =
    user !== null ? wanted : wanted.filter((one) => one === "pull" && name.startsWith("public/"));
  return allowed.length === 0 ? [] : [{ type, name, actions: allowed }];
}

function sign(signer: Signer, access: readonly object[], lifetime: number): string {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const der = new X509Certificate(signer.certificate).raw.toString("base64");
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: ISSUER,
    sub: "",
    aud: SERVICE,
    exp: now + lifetime,
    nbf: now - 5,
    iat: now,
    jti: randomUUID(),
    access,
  };
  const body = `${encode({ typ: "JWT", alg: "RS256", x5c: [der] })}.${encode(claims)}`;
  return `${body}.${createSign("RSA-SHA256").update(body).sign(signer.key, "base64url")}`;
}

/** Null for nobody, undefined for a wrong login. */
function userOf(header: string | undefined, users: TokenServerOptions["users"]): string | null | undefined {
  if (header === undefined) return null;
  const [user = "", password] = Buffer.from(header.replace("Basic ", ""), "base64").toString().split(":");
  return users[user] === password ? user : undefined;
}

/** No user for a wrong refresh token. */
async function readForm(request: IncomingMessage, refresh: Readonly<Record<string, string>>) {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  const form = new URLSearchParams(text);
  const known = form.get("grant_type") === "refresh_token" && form.get("client_id") !== null;
  return {
    user: known ? refresh[form.get("refresh_token") ?? ""] : undefined,
    scope: form.get("scope") ?? "",
  };
}

export async function startTokenServer(options: TokenServerOptions): Promise<TokenServer> {
  const signer = await makeSigner();
  const asked: TokenAsked[] = [];
  const lifetime = options.lifetime ?? 300;
  const { refresh = {} } = options;

  async function read(request: IncomingMessage) {
    if (request.method === "POST") return readForm(request, refresh);
    const scope = new URL(request.url ?? "", "http://x").searchParams.get("scope") ?? "";
    return { user: userOf(request.headers.authorization, options.users), scope };
  }

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = "" } = request;
    const { user, scope } = await read(request);
    asked.push({ method, user: user ?? null, scope });
    if (method === "POST" && Object.keys(refresh).length === 0) response.writeHead(405).end();
    else if (user === undefined) response.writeHead(401).end();
    else {
      const token = sign(signer, accessTo(scope, user), lifetime);
      const name = method === "POST" ? "access_token" : "token";
      response.end(JSON.stringify({ [name]: token, expires_in: lifetime }));
    }
  };
  // Whoever hangs up in the middle wants no answer.
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return {
    realm: `http://127.0.0.1:${address.port}/token`,
    issuer: ISSUER,
    service: SERVICE,
    certificate: signer.certificate,
    asked,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
