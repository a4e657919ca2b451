// `POST /hooks/:provider/:token`: lets deliveries in and hands them on. A wrong provider and a wrong token are told apart by
// neither answer nor time, and no path below /hooks is repeated, logged or passed on, since it may hold the token.
import type { IncomingHttpHeaders } from "node:http";
import type { Request, RequestHandler, Response } from "express";
import type { WebhookDoor, WebhookOutcome, WebhookSender } from "../../ports/index.ts";
import { sameText } from "../access.ts";
import { ClientAddresses, neighbourhood } from "../client-address.ts";
import type { HttpDeps, HttpLimits } from "../deps.ts";
import { httpRefusal, NOT_FOUND, type Refusal, sendRefusal } from "../errors.ts";
import { Failures } from "../failures.ts";
import { type BodyProblem, BodyReader, discard } from "../hook-body.ts";
import { jsonTextOf, parsed } from "../hook-payload.ts";
import { isProven } from "../hook-proof.ts";

const NOTHING: WebhookOutcome = { taken: 0, unknown: 0, ignored: 1, duplicates: 0, full: 0 };
const NOT_PROVEN = httpRefusal(
  401,
  "the signature or the secret of this provider is missing or wrong",
  "the sender must be given what the file in webhooks.secret_files holds",
);
const WAIT = httpRefusal(429, "too many requests here were wrong", "try again in a minute");
const FULL = httpRefusal(503, "too many looks are waiting", "send it again in a minute");

/** Answers everything below /hooks, however it is written; everything else is passed on. */
export function hookRoutes(deps: HttpDeps, limits: HttpLimits): RequestHandler {
  const hooks = new Hooks(deps, limits);
  return (request, response, next) => {
    if (/^\/+hooks(?:\/|$)/i.test(request.path)) void hooks.answer(request, response);
    else next();
  };
}

interface Visit {
  readonly door: WebhookDoor;
  readonly provider: string;
  readonly sender: WebhookSender;
  readonly request: Request;
  readonly response: Response;
}

class Hooks {
  readonly #deps: HttpDeps;
  readonly #limits: HttpLimits;
  readonly #bodies: BodyReader;
  readonly #addresses: ClientAddresses;
  readonly #failures: Failures;

  constructor(deps: HttpDeps, limits: HttpLimits) {
    this.#deps = deps;
    this.#limits = limits;
    this.#bodies = new BodyReader(limits);
    this.#addresses = new ClientAddresses(deps.trustedProxies);
    this.#failures = new Failures(limits, () => performance.now());
  }

  /** Never rejects. */
  async answer(request: Request, response: Response): Promise<void> {
    try {
      const visit = this.#admit(request, response);
      if (visit === null) this.#turnAway(request, response, NOT_FOUND);
      else if (request.method === "POST") await this.#receive(visit);
      else {
        response.set("Allow", "POST");
        sendRefusal(response, httpRefusal(405, `${request.method} is not possible here`, "use POST"));
      }
    } catch (error) {
      this.#deps.log.error({ where: placeOf(error) }, "a webhook failed");
      sendRefusal(response, httpRefusal(500, "something went wrong inside Boardhand"));
    }
    discard(request, this.#limits.bodyMs);
  }

  /** Compares the token whether or not there is such a provider. */
  #admit(request: Request, response: Response): Visit | null {
    const door = this.#deps.webhooks;
    if (door === null) return null;
    const [, folder, provider = "", token = "", ...rest] = request.path.split("/", 5);
    const isRight = sameText(token, door.token.reveal());
    const sender = door.senders.get(provider);
    if (!isRight || sender === undefined || folder !== "hooks" || rest.length > 0) return null;
    return { door, provider, sender, request, response };
  }

  async #receive(visit: Visit): Promise<void> {
    const { door, provider, sender, request, response } = visit;
    const body = await this.#bodies.read(request);
    if (!Buffer.isBuffer(body)) return withoutBody(visit, body);
    const text = jsonTextOf(body, request.headers);
    if (!Buffer.isBuffer(text)) return refuseBody(visit, text);
    const isRight = isProven(sender, request.headers, [body, text]);
    if (!isRight) return this.#turnAway(request, response, NOT_PROVEN);
    const read = parsed(text);
    if (read === undefined) return refuseBody(visit, httpRefusal(400, "the body is not valid JSON"));
    const { outcome, afterAnswer } = door.take(provider, read.payload, withoutSecrets(request.headers));
    response.on("finish", afterAnswer);
    if (outcome.full === 0 || sender.neverRefuse) {
      response.status(202).json(outcome);
      return;
    }
    response.set("Retry-After", "60");
    sendRefusal(response, FULL);
  }

  #turnAway(request: Request, response: Response, refusal: Refusal): void {
    this.#deps.webhooks?.count("refused");
    const from = this.#addresses.of(request);
    const failed = this.#failures.note(neighbourhood(from));
    const { failures, failuresMs } = this.#limits;
    if (failed === failures) this.#deps.log.warn({ from }, "an address keeps sending wrong webhooks");
    if (refusal === NOT_PROVEN && failed === 1)
      this.#deps.log.warn({ from }, "a webhook came with a wrong signature or secret");
    if (failed <= failures) {
      sendRefusal(response, refusal);
      return;
    }
    response.set({ "Retry-After": String(Math.ceil(failuresMs / 1000)), Connection: "close" });
    sendRefusal(response, WAIT);
  }
}

/** Where it was thrown. Neither its message nor the path: both may repeat what was sent. */
function placeOf(error: unknown): string {
  const lines = error instanceof Error ? (error.stack ?? "").split("\n") : [];
  return lines
    .filter((line) => /^ {4}at /.test(line))
    .slice(0, 3)
    .join("\n");
}

/** A sender that would send the same again for ever is told that all is well. */
function refuseBody({ door, sender, response }: Visit, refusal: Refusal): void {
  door.count("ignored");
  if (sender.neverRefuse) response.status(202).json(NOTHING);
  else sendRefusal(response, refusal);
}

function withoutBody(visit: Visit, problem: BodyProblem): void {
  if (problem === "large") refuseBody(visit, httpRefusal(413, "the body is larger than 1 MiB", "send less"));
  else if (problem !== "gone") refuseForNow(visit, problem);
}

/** A passing trouble is told to every sender: what is sent again then will be read. */
function refuseForNow({ door, response }: Visit, problem: "slow" | "busy"): void {
  door.count("ignored");
  response.set({ Connection: "close", "Retry-After": "60" });
  const refusal =
    problem === "slow"
      ? httpRefusal(408, "the body was not complete in time", "send it within 5 s")
      : httpRefusal(503, "too many large bodies are being sent at once", "send it again in a minute");
  sendRefusal(response, refusal);
}

function withoutSecrets({
  authorization: _,
  cookie: __,
  ...headers
}: IncomingHttpHeaders): IncomingHttpHeaders {
  return headers;
}
