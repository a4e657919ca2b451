// One decision about an image for each service: the registry's answer, or what is here where the file says so.
import type { DesiredProject, DesiredService, ImageDecision, Trigger } from "../core/model/index.ts";
import { pinnedName } from "../core/plan/index.ts";
import type { ReconcileDeps } from "./deps.ts";
import type { Ground } from "./ground.ts";
import { asksAnew } from "./queue.ts";
import { type Resolution, requestKey } from "./resolve/index.ts";

export interface Decisions {
  readonly images: ReadonlyMap<string, ImageDecision>;
  /** ms after which asking again makes sense, or null. */
  readonly retryAfterMs: number | null;
}

/** Asks each distinct image once, whatever the number of services. */
export async function decideImages(
  project: DesiredProject,
  ground: Ground,
  wishes: Pick<Trigger, "refresh" | "force"> & Partial<Pick<Trigger, "cause">>,
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
  const force = asksAnew(wishes);
  const answers = await deps.resolver.resolve(requests, ground.board, { refresh: wishes.refresh, force });
  let retryAfterMs: number | null = null;
  for (const service of asked) {
    const found = answers.get(requestKey(service.reference, service.platform));
    if (found === undefined) continue;
    const answer = force ? found : await pullable(service, found, deps);
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

/** The answer, or a hold where the image would have to be pulled and its registry hardly gives any more. */
async function pullable(
  { reference, platform }: DesiredService,
  answer: Resolution,
  { resolver, engine }: ReconcileDeps,
): Promise<Resolution> {
  const hold = answer.kind === "pinned" ? resolver.pullHold({ reference, platform }, answer.image) : null;
  if (hold === null || answer.kind !== "pinned") return answer;
  const { image } = answer;
  // An image that docker compose has pulled is known by its id alone: a config digest, or with containerd a manifest's.
  for (const name of [pinnedName(image), image.configDigest, image.platformDigest, image.indexDigest])
    if ((await engine.inspectImage(name)) !== null) return answer;
  return hold;
}

/** `pull_policy: never` and `missing`: what is here counts; null sends `missing` to the registry. */
async function localDecision(service: DesiredService, deps: ReconcileDeps): Promise<ImageDecision | null> {
  const found = await deps.engine.inspectImage(service.reference);
  if (found !== null) return { kind: "local", image: { reference: service.reference, imageId: found.id } };
  if (service.pull === "missing") return null;
  const message = `pull_policy: never, and the engine has no image ${service.reference}`;
  return { kind: "held", reason: "ImageNotFound", message };
}
