// The reading half of the API. History is asked for in bounded portions.
import { type RequestHandler, type Response, Router } from "express";
import type { JournalEntry } from "../../core/model/index.ts";
import type { HttpDeps, ProjectDetail } from "../deps.ts";
import { httpRefusal, methodNotAllowed, sendRefusal, unknownProject } from "../errors.ts";
import type { EventHub } from "../events.ts";

const DEFAULT_HISTORY = 50;
const MAX_HISTORY = 500;

/** `GET` routes under /api/v1, and /healthz. */
export function apiRoutes(deps: HttpDeps, hub: EventHub): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const get = (path: string, handler: RequestHandler<Record<string, string>>): void => {
    router.route(path).get(handler).all(methodNotAllowed("GET, HEAD"));
  };
  get("/healthz", (_request, response) => {
    const { ok, reasons } = deps.health();
    response.status(ok ? 200 : 503).json({ ok, reasons });
  });
  get("/api/v1/status", (_request, response) => {
    response.json(deps.status());
  });
  get("/api/v1/events", (request, response) => hub.connect(request, response));
  get("/api/v1/projects/:project", (request, response) => {
    const detail = known(deps, request.params.project, response);
    if (detail !== null) response.json({ ...detail.status, plan: planJson(detail) });
  });
  get("/api/v1/projects/:project/history", async (request, response) => {
    const limit = historyLimit(request.query.limit);
    if (limit === null) {
      const message = `limit must be a whole number from 1 to ${MAX_HISTORY}`;
      sendRefusal(response, httpRefusal(400, message, `leave it out for ${DEFAULT_HISTORY}`));
      return;
    }
    const detail = known(deps, request.params.project, response);
    if (detail === null) return;
    const entries = await deps.history(detail.status.name, limit);
    if (!response.headersSent)
      response.json({ project: detail.status.name, entries: entries.map(entryJson) });
  });
  return router;
}

function known(deps: HttpDeps, name: string | undefined, response: Response): ProjectDetail | null {
  const detail = deps.project(name ?? "");
  if (detail === null) sendRefusal(response, unknownProject(name ?? ""));
  return detail;
}

function planJson(detail: ProjectDetail): { at: string; trigger: string; text: string } | null {
  if (detail.plan === null) return null;
  const { at, trigger, rendered } = detail.plan;
  return { at: new Date(at).toISOString(), trigger, text: rendered };
}

function entryJson(entry: JournalEntry): { seq: number; at: string; event: JournalEntry["event"] } {
  return { seq: entry.seq, at: new Date(entry.at).toISOString(), event: entry.event };
}

function historyLimit(given: unknown): number | null {
  if (given === undefined) return DEFAULT_HISTORY;
  if (typeof given !== "string" || !/^\d{1,4}$/.test(given)) return null;
  const limit = Number(given);
  return limit >= 1 && limit <= MAX_HISTORY ? limit : null;
}
