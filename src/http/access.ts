// Who may change something: the bearer of the token, or, where no token is configured, a program on this very board.
// A browser on the board is not such a program: a foreign page could drive it, so everything it cannot help sending is checked.
import { createHash, timingSafeEqual } from "node:crypto";
import { isIPv4 } from "node:net";
import type { Request, RequestHandler } from "express";
import type { Secret } from "../core/model/index.ts";
import { httpRefusal, type Refusal, sendRefusal } from "./errors.ts";

/** Lets a changing request through or refuses it with 401 or 403, before its body is read. */
export function requireChangeRight(token: Secret | null): RequestHandler {
  return (request, response, next) => {
    const refusal = token === null ? refuseUnlessLocal(request) : refuseUnlessBearer(request, token);
    if (refusal === null) {
      next();
      return;
    }
    if (refusal.status === 401) response.set("WWW-Authenticate", 'Bearer realm="boardhand"');
    sendRefusal(response, refusal);
  };
}

function refuseUnlessBearer(request: Request, token: Secret): Refusal | null {
  const given = /^Bearer +(\S+) *$/i.exec(request.get("authorization") ?? "")?.[1];
  const hint = "send the header Authorization: Bearer TOKEN with the content of http.token_file";
  if (given === undefined) return httpRefusal(401, "this call changes something and needs the token", hint);
  return sameText(given, token.reveal()) ? null : httpRefusal(401, "the token is not the right one", hint);
}

/** Compares digests, so that neither content nor length shows in the time taken. */
export function sameText(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text, "utf8").digest();
  return timingSafeEqual(digest(a), digest(b));
}

function refuseUnlessLocal(request: Request): Refusal | null {
  const hint =
    "configure http.token_file and send Authorization: Bearer TOKEN, or call from the board itself";
  if (!isLoopback(request.socket.remoteAddress ?? "")) {
    return httpRefusal(403, "no token is configured, so changes are taken from this board only", hint);
  }
  // A forwarding header never opens the door; it tells that a proxy on this board speaks for somebody else.
  const proxied = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"];
  if (proxied.some((name) => request.get(name) !== undefined)) {
    return httpRefusal(403, "no token is configured, and this request came through a proxy", hint);
  }
  if (!isLoopbackHost(request.get("host") ?? "")) {
    return httpRefusal(403, "no token is configured, and the Host header does not name this board", hint);
  }
  if (isCrossSite(request)) {
    return httpRefusal(403, "no token is configured, and another site's page sent this request", hint);
  }
  // Both make a browser ask first (a CORS preflight, which is never granted here).
  if (!isJsonType(request.get("content-type")) && request.get("x-boardhand") === undefined) {
    return httpRefusal(
      403,
      "without a token a change must be sent as JSON",
      "add the header Content-Type: application/json or X-Boardhand: 1",
    );
  }
  return null;
}

/** `socket.remoteAddress` of the same machine: 127.0.0.0/8, ::1, and IPv4 as an IPv6 socket shows it. */
export function isLoopback(address: string): boolean {
  const plain = address.toLowerCase().replace(/^::ffff:/, "");
  return plain === "::1" || (isIPv4(plain) && plain.startsWith("127."));
}

/** A name that no foreign DNS answer can stand behind: DNS rebinding brings its own name along. */
function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase().replace(/:\d{1,5}$/, "");
  return name === "localhost" || name === "[::1]" || isLoopback(name);
}

function isCrossSite(request: Request): boolean {
  const site = request.get("sec-fetch-site");
  if (site !== undefined && site !== "same-origin" && site !== "none") return true;
  const origin = request.get("origin");
  return origin !== undefined && origin.toLowerCase() !== `http://${request.get("host") ?? ""}`.toLowerCase();
}

/** JSON is UTF-8 (RFC 8259 section 8.1); a body that claims another character set is not read. */
export function isJsonType(contentType: string | undefined): boolean {
  return /^application\/json\s*(;\s*charset="?utf-8"?\s*)?;?\s*$/i.test(contentType ?? "");
}
