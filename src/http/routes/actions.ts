// The changing half of the API: each call is checked for the right to change before its body is read, and only asks the
// agent to act; what becomes of it is told by events and the journal.
import express, { type Request, type RequestHandler, type Response, Router } from "express";
import type { ErrorCode } from "../../core/model/index.ts";
import { isJsonType, requireChangeRight } from "../access.ts";
import type { Action, HttpDeps, HttpLimits } from "../deps.ts";
import { httpRefusal, methodNotAllowed, type Refusal, sendRefusal, unknownProject } from "../errors.ts";

const KINDS = ["check", "apply", "rollback", "suspend", "resume"] as const;
const MAX_SERVICES = 200;
const MAX_NAME_LENGTH = 255;

/** `POST` routes; each answers 202 with `{id}`. */
export function actionRoutes(deps: HttpDeps, limits: HttpLimits): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const guarded: readonly RequestHandler[] = [
    requireChangeRight(deps.token),
    requireJson,
    express.json({ limit: limits.bodyBytes, inflate: false, strict: false }),
  ];
  router
    .route("/api/v1/check")
    .post(...guarded, (request, response) => act(deps, "check", null, request, response))
    .all(methodNotAllowed("POST"));
  for (const kind of KINDS) {
    router
      .route(`/api/v1/projects/:project/${kind}`)
      .post(...guarded, (request, response) => act(deps, kind, request.params.project, request, response))
      .all(methodNotAllowed("POST"));
  }
  return router;
}

/** No body is fine; a body of another type is not read. */
const requireJson: RequestHandler = (request, response, next) => {
  const length = request.get("content-length");
  const hasBody = request.get("transfer-encoding") !== undefined || (length !== undefined && length !== "0");
  if (!hasBody || isJsonType(request.get("content-type"))) {
    next();
    return;
  }
  sendRefusal(
    response,
    httpRefusal(415, "the body is not JSON", "add the header Content-Type: application/json"),
  );
};

async function act(
  deps: HttpDeps,
  kind: Action["kind"],
  param: string | string[] | null | undefined,
  request: Request,
  response: Response,
): Promise<void> {
  const project = param === null ? null : String(param ?? "");
  if (project !== null && deps.project(project) === null) {
    sendRefusal(response, unknownProject(project));
    return;
  }
  const wish = servicesOf(request.body, kind);
  if ("refusal" in wish) {
    sendRefusal(response, wish.refusal);
    return;
  }
  const answer = await deps.act({ kind, project, ...wish });
  if (response.headersSent) return;
  if ("error" in answer) {
    sendRefusal(response, { status: statusOf(answer.error.code), ...answer.error });
    return;
  }
  deps.log.info(
    { action: kind, project, id: answer.id, from: request.socket.remoteAddress },
    "asked by HTTP",
  );
  response.status(202).json({ id: answer.id });
}

function statusOf(code: ErrorCode): number {
  if (code === "E_UNKNOWN_PROJECT") return 404;
  if (code === "E_USAGE") return 400;
  return 409;
}

function servicesOf(
  body: unknown,
  kind: Action["kind"],
): { readonly services?: readonly string[] } | { readonly refusal: Refusal } {
  if (body === undefined || body === null) return {};
  if (typeof body !== "object" || Array.isArray(body)) return bad("the body must be a JSON object");
  for (const key of Object.keys(body)) {
    if (key !== "services") return bad("the body has a key that means nothing here");
  }
  const services: unknown = "services" in body ? body.services : undefined;
  if (services === undefined) return {};
  if (kind !== "rollback") return bad(`${kind} is for the whole project and takes no services`);
  if (!Array.isArray(services) || services.length === 0 || services.length > MAX_SERVICES) {
    return bad(`services must be a list of 1 to ${MAX_SERVICES} names`);
  }
  const names = services.filter(
    (one): one is string => typeof one === "string" && one !== "" && one.length <= MAX_NAME_LENGTH,
  );
  return names.length === services.length ? { services: names } : bad("services must be a list of names");
}

function bad(message: string): { readonly refusal: Refusal } {
  return { refusal: httpRefusal(400, message, 'send nothing, {}, or for a rollback {"services": ["web"]}') };
}
