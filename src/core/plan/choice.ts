// Which image a service would be made from: what the registry offers, or what is already running here.
import type {
  DesiredService,
  Digest,
  ImageChoice,
  ImageDecision,
  ObservedContainer,
  PinnedImage,
} from "../model/index.ts";
import type { PlanInput } from "./input.ts";

export type Offers = ReadonlyMap<
  string,
  { readonly service: DesiredService; readonly decision: ImageDecision }
>;

export interface ServiceChoice {
  readonly decision: ImageDecision;
  /** Platform digest or image id on offer; null when held. */
  readonly digest: string | null;
  /** Null when held: there is nothing to make a container from. */
  readonly image: ImageChoice | null;
  /** What is offered to every service, for quarantines that wait for another one's tag. */
  readonly offers: Offers;
}

export function offersOf(input: PlanInput): Offers {
  return new Map(
    input.desired.services.map((service) => [
      service.name,
      { service, decision: decisionFor(input, service.name) },
    ]),
  );
}

export function choiceFor(service: DesiredService, offers: Offers, input: PlanInput): ServiceChoice {
  const decision = decisionFor(input, service.name);
  switch (decision.kind) {
    case "pinned":
      return { decision, digest: decision.image.platformDigest, image: pinnedChoice(decision.image), offers };
    case "local": {
      const { reference, imageId } = decision.image;
      return { decision, digest: imageId, image: { reference, locate: imageId, pinned: null }, offers };
    }
    case "held":
      return { decision, digest: null, image: null, offers };
  }
}

/** No image at all: the service says what cannot be had on this engine. */
export function refusedChoice(refusal: string, offers: Offers): ServiceChoice {
  const decision = { kind: "held", reason: "ComposeInvalid", message: `the service ${refusal}` } as const;
  return { decision, digest: null, image: null, offers };
}

/** The same service on the image its container already runs: for changes that must not wait for a held image. */
export function unchangedImage(choice: ServiceChoice, container: ObservedContainer): ServiceChoice {
  const image = { reference: container.imageReference, locate: container.imageId, pinned: null };
  return { ...choice, digest: container.imageId, image };
}

function pinnedChoice(image: PinnedImage): ImageChoice {
  const locate = pinnedName(image);
  // A reference by digest cannot be tagged, so the container is made from the manifest itself.
  const byDigest = image.reference.includes("@");
  return { reference: byDigest ? locate : image.reference, locate, pinned: image };
}

/** `name@sha256:…` of the one manifest that this board runs. */
export function pinnedName(image: { readonly name: string; readonly platformDigest: Digest }): string {
  return `${image.name}@${image.platformDigest}`;
}

function decisionFor(input: PlanInput, service: string): ImageDecision {
  return (
    input.images.get(service) ?? {
      kind: "held",
      reason: "RegistryUnavailable",
      message: "its image was not looked up yet",
    }
  );
}
