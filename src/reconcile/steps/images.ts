// Steps on images: pull the one manifest, prove its processor, keep the tag honest.
import { engineName, parseReference } from "../../core/image/index.ts";
import { BoardhandError, formatPlatform, type StepOf } from "../../core/model/index.ts";
import { pinnedName } from "../../core/plan/index.ts";
import type { StepContext } from "./context.ts";

export async function pullImage(step: StepOf<"pullImage">, ctx: StepContext): Promise<void> {
  const { image } = step;
  const credentials = await ctx.credentials.forRegistry(parseReference(image.name).registry);
  const request = { name: image.name, digest: image.platformDigest, platform: image.platform, credentials };
  await ctx.engine.pullImage(request, (progress) => ctx.onPull(step, progress), ctx.signal);
}

/** What the engine unpacked must be what the registry promised; a manifest can lie about its processor. */
export async function verifyImage(step: StepOf<"verifyImage">, ctx: StepContext): Promise<void> {
  const { image } = step;
  const found = await ctx.engine.inspectImage(pinnedName(image));
  if (found === null) {
    throw new BoardhandError("E_PULL", `${image.reference}: pulled, but the engine does not have it`, {
      retry: "backoff",
      hint: "look at the engine's log; its disk may be full",
    });
  }
  if (found.os === image.platform.os && found.architecture === image.platform.architecture) return;
  const has = `${found.os}/${found.architecture}`;
  throw new BoardhandError(
    "E_IMAGE_PLATFORM",
    `${image.reference}: the engine says it is ${has}, the registry said ${formatPlatform(image.platform)}`,
    { hint: "the image was published with the wrong platform; ask its publisher to rebuild it" },
  );
}

export async function tagImage(step: StepOf<"tagImage">, ctx: StepContext): Promise<void> {
  const reference = parseReference(step.reference);
  await ctx.engine.tagImage(step.image, `${engineName(reference)}:${reference.tag ?? "latest"}`);
}

export async function removeImage(step: StepOf<"removeImage">, ctx: StepContext): Promise<void> {
  await ctx.engine.removeImage(step.image);
}
