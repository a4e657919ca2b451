// Every refusal leaves as `{error: {code, message, hint}}`; what went wrong inside is logged and never sent.
import type { ErrorRequestHandler, RequestHandler, Response } from "express";
import type { ErrorCode } from "../core/model/index.ts";
import type { Log } from "../ports/index.ts";

export interface Refusal {
  readonly status: number;
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | null;
}

/** Sends a refusal, unless an answer is already on its way. */
export function sendRefusal(response: Response, refusal: Refusal): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, code, message, hint } = refusal;
  response.status(status).json({ error: { code, message, hint } });
}

/** A refusal of the HTTP side itself. */
export function httpRefusal(status: number, message: string, hint: string | null = null): Refusal {
  return { status, code: "E_HTTP", message, hint };
}

export function unknownProject(name: string): Refusal {
  return {
    status: 404,
    code: "E_UNKNOWN_PROJECT",
    message: `there is no project named ${quoted(name)}`,
    hint: "GET /api/v1/status lists the projects",
  };
}

/** What a stranger sent, quoted and short enough for a message. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}

/** The path is not repeated: mistyped, it may still hold the token of a webhook. */
export const NOT_FOUND = httpRefusal(
  404,
  "there is nothing here",
  "docs/reference/http-api.md lists the routes",
);

export const notFound: RequestHandler = (_request, response) => sendRefusal(response, NOT_FOUND);

/** For a path that exists, asked with a method it does not have. */
export function methodNotAllowed(allowed: string): RequestHandler {
  return (request, response) => {
    response.set("Allow", allowed);
    sendRefusal(response, httpRefusal(405, `${request.method} is not possible here`, `use ${allowed}`));
  };
}

/** The last handler: body parser and router errors become refusals, anything else is a bug and a 500. */
export function errorHandler(log: Log): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const refusal = refusalOf(error);
    if (refusal === null) {
      log.error({ err: error, method: request.method, path: request.path }, "an HTTP request failed");
      sendRefusal(
        response,
        httpRefusal(500, "something went wrong inside Boardhand", "the agent's log has the details"),
      );
      return;
    }
    sendRefusal(response, refusal);
  };
}

function refusalOf(error: unknown): Refusal | null {
  if (!(error instanceof Error)) return null;
  if (error instanceof URIError) {
    return httpRefusal(400, "the path has a malformed percent encoding", "write a literal % as %25");
  }
  const { type, status } = error as { type?: unknown; status?: unknown };
  switch (type) {
    case "entity.too.large":
      return httpRefusal(413, "the body is larger than 1 MiB", "send less");
    case "entity.parse.failed":
      return httpRefusal(400, "the body is not valid JSON", 'send an object, such as {"services": ["web"]}');
    case "encoding.unsupported":
    case "charset.unsupported":
      return httpRefusal(
        415,
        "the body is compressed or in an unknown character set",
        "send plain UTF-8 JSON",
      );
    default:
      return typeof status === "number" && status >= 400 && status < 500
        ? httpRefusal(status, "the request could not be read", null)
        : null;
  }
}
