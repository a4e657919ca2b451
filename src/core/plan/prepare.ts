// Everything that can fail early, before any running container is touched: networks, volumes, images, replacements.
import { primaryNetworkOrder } from "../container/index.ts";
import { isLocal } from "../image/index.ts";
import type {
  ContainerRef,
  DesiredService,
  ImageChoice,
  ObservedContainer,
  PinnedImage,
} from "../model/index.ts";
import { createdBy, type PlanBuilder } from "./builder.ts";
import { pinnedName } from "./choice.ts";
import { newerCompose } from "./dialect.ts";
import type { PlanInput } from "./input.ts";
import { compare, NEXT_SUFFIX } from "./instances.ts";
import { copyFiles } from "./start.ts";
import { leaving, makes, type Work } from "./work.ts";

/** Removes replacements that were made for something else, or by docker compose, and never took their place. */
export function clearLeftovers(builder: PlanBuilder, works: readonly Work[]): void {
  for (const { instance, goal } of works) {
    const { next, abandoned } = instance;
    if (next !== null && goal?.ref !== next.id)
      clear(builder, next, "left over from a rollout that did not take place");
    if (abandoned !== null) clear(builder, abandoned, "docker compose made it and did not come to use it");
  }
}

function clear(builder: PlanBuilder, { id, name, service }: ObservedContainer, cause: string): void {
  builder.add("removeContainer", { ref: id, name }, { service, cause });
}

/** Creates the networks and volumes that new containers use and that are not there. */
export function prepareResources(builder: PlanBuilder, input: PlanInput, works: readonly Work[]): void {
  const creating = works.filter(makes);
  const used = (keys: (w: Work) => readonly string[]) => new Set(creating.flatMap(keys));
  const networks = used((w) => w.instance.service.networks);
  const volumes = used((w) => w.instance.service.volumes);
  const known = new Set(input.observed.networks.map((network) => network.name));
  const stored = new Set(input.observed.volumes.map((volume) => volume.name));
  for (const network of byKey(input.desired.networks)) {
    if (!networks.has(network.key) || network.external || known.has(network.name)) continue;
    builder.add("createNetwork", { network: network.key }, { cause: `${network.name} does not exist` });
  }
  for (const volume of byKey(input.desired.volumes)) {
    if (!volumes.has(volume.key) || volume.external || stored.has(volume.name)) continue;
    builder.add("createVolume", { volume: volume.key }, { cause: `${volume.name} does not exist` });
  }
}

/** Pulls, verifies and tags each distinct image once; returns the last step for each image. */
export function prepareImages(
  builder: PlanBuilder,
  input: PlanInput,
  works: readonly Work[],
): ReadonlyMap<string, number> {
  const ready = new Map<string, number>();
  for (const { verdict, instance } of works) {
    if (verdict.kind !== "create" && verdict.kind !== "replace") continue;
    const pinned = verdict.choice.image?.pinned ?? null;
    if (pinned === null) continue;
    const key = imageKey(pinned);
    if (ready.has(key)) continue;
    const last = prepareImage(builder, input, pinned, instance.service.name);
    const takesTag = works.some((w) => usesTag(w.instance.service, input) && isFor(w, key));
    ready.set(key, takesTag ? tagImage(builder, input, pinned, instance.service.name, last) : last);
  }
  return ready;
}

function isFor(work: Work, key: string): boolean {
  const { verdict } = work;
  if (verdict.kind !== "create" && verdict.kind !== "replace") return false;
  const pinned = verdict.choice.image?.pinned ?? null;
  return pinned !== null && imageKey(pinned) === key;
}

/**
 * Where services want different platforms of one reference, its tag can only mean one of them here: it belongs to
 * those that name no platform (and whoever gets the same image), and the others are made from the manifest itself.
 */
function usesTag({ name, platform, reference }: DesiredService, input: PlanInput): boolean {
  if (platform === null) return true;
  const own = platformDigestFor(name, input);
  return input.desired.services
    .filter((other) => other.reference === reference)
    .every((other) => platformDigestFor(other.name, input) === own);
}

function platformDigestFor(service: string, input: PlanInput): string | null {
  const decision = input.images.get(service);
  return decision?.kind === "pinned" ? decision.image.platformDigest : null;
}

function prepareImage(builder: PlanBuilder, input: PlanInput, image: PinnedImage, service: string): number {
  const local = isLocal(input.observed.images, image);
  let last = 0;
  if (local === null) {
    const pulled = builder.add(
      "pullImage",
      { image },
      { service, cause: `${image.reference} is not here yet` },
    );
    last = builder.add("verifyImage", { image }, { service, after: [pulled], cause: "prove its processor" });
  }
  return last;
}

function tagImage(
  builder: PlanBuilder,
  input: PlanInput,
  image: PinnedImage,
  service: string,
  last: number,
): number {
  const local = isLocal(input.observed.images, image);
  if (image.reference.includes("@") || local?.repoTags.includes(taggedName(image)) === true) return last;
  const tag = { image: local?.id ?? pinnedName(image), reference: taggedName(image) };
  return builder.add("tagImage", tag, {
    service,
    after: last === 0 ? [] : [last],
    cause: "so that the tag means what runs here",
  });
}

/** The reference as the engine lists it: with a tag. */
export function taggedName(image: Pick<PinnedImage, "reference">): string {
  const slash = image.reference.lastIndexOf("/");
  return image.reference.indexOf(":", slash + 1) === -1 ? `${image.reference}:latest` : image.reference;
}

function imageKey(image: PinnedImage): string {
  return `${image.reference}\n${image.platformDigest}`;
}

/** Creates the replacements, which proves mounts, devices and options. Providers come before those that join them. */
export function prepareContainers(
  builder: PlanBuilder,
  input: PlanInput,
  works: readonly Work[],
  images: ReadonlyMap<string, number>,
): void {
  const composeVersion = newerCompose(input.observed.containers);
  for (const work of works) {
    const { verdict, instance } = work;
    if (verdict.kind === "finish" && work.readyStep === 0) prepareFiles(builder, work, verdict.cause);
    if (verdict.kind !== "create" && verdict.kind !== "replace") continue;
    const { service, number, finalName } = instance;
    const image = located(input, service, verdict.choice.image);
    if (image === null) continue;
    const name = verdict.kind === "create" ? finalName : `${finalName}${NEXT_SUFFIX}`;
    const order = primaryNetworkOrder(service, input.desired);
    const first = input.policy.multiNetworkCreate ? order : order.slice(0, 1);
    const shares = sharesOf(work, works);
    const created = builder.add(
      "createContainer",
      {
        number,
        name,
        finalName,
        image,
        inherit: leaving(work)?.id ?? null,
        networks: first,
        shares: shares.refs,
        ...(composeVersion === null ? {} : { composeVersion }),
      },
      {
        service: service.name,
        after: [
          ...(image.pinned === null ? [] : [images.get(imageKey(image.pinned)) ?? 0]),
          ...shares.steps,
        ].filter(Boolean),
        cause: verdict.cause,
      },
    );
    work.goal = { ref: createdBy(created), name, container: null };
    work.goalStep = created;
    for (const network of order.slice(first.length)) {
      const args = { ref: createdBy(created), network, number, finalName };
      const after = [created];
      work.goalStep = builder.add("connectNetwork", args, {
        service: service.name,
        after,
        cause: verdict.cause,
      });
    }
    prepareFiles(builder, work, verdict.cause);
  }
}

/** Copied before anything is touched, since this can fail too. */
export function prepareFiles(builder: PlanBuilder, work: Work, cause: string): void {
  const { goal, goalStep, instance } = work;
  if (goal === null || goal.container?.state === "running") return;
  work.goalStep = copyFiles(builder, instance.service, goal, { after: [goalStep], cause })[0] ?? goalStep;
}

/** An image that is here is found by its id: under this name the engine may know no digest of it. */
function located(input: PlanInput, service: DesiredService, image: ImageChoice | null): ImageChoice | null {
  if (image?.pinned == null) return image;
  const locate = isLocal(input.observed.images, image.pinned)?.id ?? image.locate;
  const byTag = image.reference !== image.locate && usesTag(service, input);
  return { ...image, reference: byTag ? image.reference : locate, locate };
}

function sharesOf(work: Work, works: readonly Work[]) {
  const refs: Record<string, ContainerRef> = {};
  const steps: number[] = [];
  for (const name of [...work.instance.service.sharesWith].sort()) {
    // The first container of the provider: instances are in the order of their numbers.
    const provider = works.find((w) => w.instance.service.name === name);
    if (provider?.goal == null) continue;
    refs[name] = provider.goal.ref;
    steps.push(provider.goalStep);
  }
  return { refs, steps };
}

function byKey<T extends { readonly key: string }>(items: readonly T[]): readonly T[] {
  return [...items].sort((a, b) => compare(a.key, b.key));
}
