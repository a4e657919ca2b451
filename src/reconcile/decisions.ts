// One decision about an image for each service: the registry's answer, or what is here where the file says so.
import type { DesiredProject, DesiredService, ImageDecision } from "../core/model/index.ts";
import type { ReconcileDeps } from "./deps.ts";
import type { Ground } from "./ground.ts";
import { requestKey } from "./resolve/index.ts";

export interface Decisions {
  readonly images: ReadonlyMap<string, ImageDecision>;
  /** ms after which asking again makes sense, or null. */
  readonly retryAfterMs: number | null;
}

/** Asks each distinct image once, whatever the number of services. */
export async function decideImages(
  project: DesiredProject,
  ground: Ground,
  wishes: { readonly refresh: boolean; readonly force: boolean },
  deps: ReconcileDeps,
): Promise<Decisions> {
  const images = new Map<string, ImageDecision>();
  const asked: DesiredService[] = [];
  for (const service of project.services) {
    const local = service.pull === "check" ? null : await localDecision(service, deps);
    if (local === null) asked.push(service);
    else images.set(service.name, local);
  }
  const requests = asked.map((service) => ({ reference: service.reference, platform: service.platform }));
  const answers = await deps.resolver.resolve(requests, ground.board, wishes);
  let retryAfterMs: number | null = null;
  for (const service of asked) {
    const answer = answers.get(requestKey(service.reference, service.platform));
    if (answer === undefined) continue;
    if (answer.kind === "pinned") {
      images.set(service.name, { kind: "pinned", image: answer.image });
      continue;
    }
    images.set(service.name, { kind: "held", reason: answer.reason, message: answer.message });
    if (answer.retryAfterMs !== null)
      retryAfterMs = Math.min(retryAfterMs ?? answer.retryAfterMs, answer.retryAfterMs);
  }
  return { images, retryAfterMs };
}

/** `pull_policy: never` and `missing`: what is here counts; null sends `missing` to the registry. */
async function localDecision(service: DesiredService, deps: ReconcileDeps): Promise<ImageDecision | null> {
  const found = await deps.engine.inspectImage(service.reference);
  if (found !== null) return { kind: "local", image: { reference: service.reference, imageId: found.id } };
  if (service.pull === "missing") return null;
  const message = `pull_policy: never, and the engine has no image ${service.reference}`;
  return { kind: "held", reason: "ImageNotFound", message };
}
