// The page and the three files it loads.
import { type RequestHandler, Router } from "express";
import type { ProjectStatus } from "../../core/status/index.ts";
import type { HttpDeps } from "../deps.ts";
import { methodNotAllowed } from "../errors.ts";
import type { EventHub } from "../events.ts";
import { page } from "../page/layout.ts";
import type { ProjectView } from "../page/project.ts";
import { PAGE_JS } from "../page/script.ts";
import { FAVICON_SVG, PAGE_CSS } from "../page/style.ts";

const HISTORY_ON_PAGE = 30;

/** `GET /` and its style sheet, script and icon. */
export function pageRoutes(deps: HttpDeps, hub: EventHub): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const get = (path: string, handler: RequestHandler): void => {
    router.route(path).get(handler).all(methodNotAllowed("GET, HEAD"));
  };
  get("/", async (_request, response) => {
    const status = deps.status();
    const views = await Promise.all(status.projects.map((project) => viewOf(deps, hub, project)));
    const { selfUpdate } = status.agent;
    const own = selfUpdate === null ? null : await viewOf(deps, hub, selfUpdate);
    if (!response.headersSent) response.type("html").send(page(status, views, own).markup);
  });
  // Revalidated each time: the agent that answers may be a newer one after its own update.
  const asset = (path: string, type: string, text: string): void =>
    get(path, (_request, response) => {
      response.set("Cache-Control", "no-cache").type(type).send(text);
    });
  asset("/page.css", "css", PAGE_CSS);
  asset("/page.js", "js", PAGE_JS);
  asset("/favicon.svg", "svg", FAVICON_SVG);
  return router;
}

/** A journal that cannot be read costs the page its history, not the page. */
async function viewOf(deps: HttpDeps, hub: EventHub, status: ProjectStatus): Promise<ProjectView> {
  const history = await deps.history(status.name, HISTORY_ON_PAGE).catch((error: unknown) => {
    deps.log.warn({ err: error, project: status.name }, "the page is without history");
    return [];
  });
  return {
    status,
    plan: deps.project(status.name)?.plan ?? null,
    history,
    progress: hub.board.line(status.name),
  };
}
