// The HTTP side as one request listener. Everything it knows comes in by HttpDeps; it opens no socket itself.
import type { RequestListener } from "node:http";
import express, { type RequestHandler } from "express";
import { DEFAULT_LIMITS, type HttpDeps, type HttpLimits } from "./deps.ts";
import { errorHandler, httpRefusal, notFound, sendRefusal } from "./errors.ts";
import { EventHub } from "./events.ts";
import { securityHeaders } from "./headers.ts";
import { actionRoutes } from "./routes/actions.ts";
import { apiRoutes } from "./routes/api.ts";
import { hookRoutes } from "./routes/hooks.ts";
import { pageRoutes } from "./routes/page.ts";

/**
 * Status page, API and events (design.md section 5). Subscribes to the agent's progress for as long as the process
 * lives. Errors leave as `{error: {code, message, hint}}`.
 */
export function createApp(deps: HttpDeps, limits: Partial<HttpLimits> = {}): RequestListener {
  const bounds = { ...DEFAULT_LIMITS, ...limits };
  const hub = new EventHub(bounds);
  deps.subscribe((event) => hub.take(event));
  const app = express();
  app.disable("x-powered-by");
  app.set("trust proxy", false);
  app.set("query parser", "simple");
  app.use(securityHeaders, answerWithin(bounds.answerMs));
  app.use(hookRoutes(deps, bounds));
  app.use(pageRoutes(deps, hub));
  app.use(apiRoutes(deps, hub));
  app.use(actionRoutes(deps, bounds));
  app.use(notFound);
  app.use(errorHandler(deps.log));
  return app;
}

/** An answer that was not begun in time is a 503, so that a stuck disk cannot pile requests up. */
function answerWithin(ms: number): RequestHandler {
  return (_request, response, next) => {
    const timer = setTimeout(() => {
      if (response.headersSent) return;
      sendRefusal(response, httpRefusal(503, "the agent did not answer in time", "try again in a minute"));
    }, ms).unref();
    response.on("close", () => clearTimeout(timer));
    next();
  };
}
