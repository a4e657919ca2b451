// Steps on containers and what they hang on. Each is one call that changes something, and the reads it needs.
import {
  containerBody,
  endpointBody,
  engineLinks,
  linkedContainers,
  networkBody,
  volumeBody,
} from "../../core/container/index.ts";
import { BoardhandError, type StepOf } from "../../core/model/index.ts";
import { resolveRef, type StepContext } from "./context.ts";
import { serviceOf } from "./service-of.ts";

export async function createNetwork(step: StepOf<"createNetwork">, ctx: StepContext): Promise<void> {
  const network = ctx.desired.networks.find((n) => n.key === step.network);
  if (network === undefined) throw new Error(`no network ${step.network} in ${ctx.desired.name}`);
  await ctx.engine.createNetwork(networkBody(network, ctx.desired, ctx.facts.apiVersion));
}

export async function createVolume(step: StepOf<"createVolume">, ctx: StepContext): Promise<void> {
  const volume = ctx.desired.volumes.find((v) => v.key === step.volume);
  if (volume === undefined) throw new Error(`no volume ${step.volume} in ${ctx.desired.name}`);
  await ctx.engine.createVolume(volumeBody(volume, ctx.desired));
}

export async function createContainer(step: StepOf<"createContainer">, ctx: StepContext): Promise<void> {
  const service = serviceOf(step.service, ctx);
  const image = await ctx.engine.inspectImage(step.image.locate);
  if (image === null) {
    throw new BoardhandError(
      "E_PULL",
      `${step.image.reference}: the engine has no image ${step.image.locate}`,
      {
        retry: "backoff",
        hint: "it was removed meanwhile; the next look pulls it again",
      },
    );
  }
  const replaced = step.inherit === null ? null : await ctx.engine.inspectContainer(step.inherit);
  const shares = Object.fromEntries(
    Object.entries(step.shares).map(([name, ref]) => [name, resolveRef(ref, ctx)]),
  );
  const body = containerBody({
    project: ctx.desired,
    service,
    number: step.number,
    finalName: step.finalName,
    image: { reference: step.image.reference, imageId: image.id, volumes: image.volumes },
    pinned: step.image.pinned,
    networks: step.networks,
    shares,
    linkNames: linkedContainers(service, ctx.desired),
    inherit: replaced?.mounts ?? [],
    revision: ctx.revision,
    apiVersion: ctx.facts.apiVersion,
    ...(step.composeVersion === undefined ? {} : { composeVersion: step.composeVersion }),
  });
  // Only where the file asks for a platform; then the manifest's own, which may be a lower variant of it.
  const platform = service.platform === null ? null : (step.image.pinned?.platform ?? service.platform);
  ctx.created.set(step.n, await ctx.engine.createContainer(step.name, body, platform));
}

export async function connectNetwork(step: StepOf<"connectNetwork">, ctx: StepContext): Promise<void> {
  const service = serviceOf(step.service, ctx);
  const network = ctx.desired.networks.find((n) => n.key === step.network);
  if (network === undefined) throw new Error(`no network ${step.network} in ${ctx.desired.name}`);
  const endpoint = endpointBody({
    project: ctx.desired,
    service,
    network: step.network,
    finalName: step.finalName,
    links: engineLinks(service, ctx.desired, step.number, linkedContainers(service, ctx.desired)),
    apiVersion: ctx.facts.apiVersion,
  });
  await ctx.engine.connectNetwork(network.name, resolveRef(step.ref, ctx), endpoint);
}

export async function renameContainer(step: StepOf<"renameContainer">, ctx: StepContext): Promise<void> {
  await ctx.engine.renameContainer(resolveRef(step.ref, ctx), step.to);
}

export async function setRestartPolicy(step: StepOf<"setRestartPolicy">, ctx: StepContext): Promise<void> {
  await ctx.engine.setRestartPolicy(resolveRef(step.ref, ctx), step.policy);
}

export async function stopContainer(step: StepOf<"stopContainer">, ctx: StepContext): Promise<void> {
  await ctx.engine.stopContainer(resolveRef(step.ref, ctx), step.graceMs);
}

export async function startContainer(step: StepOf<"startContainer">, ctx: StepContext): Promise<void> {
  await ctx.engine.startContainer(resolveRef(step.ref, ctx));
}

export async function removeContainer(step: StepOf<"removeContainer">, ctx: StepContext): Promise<void> {
  await ctx.engine.removeContainer(resolveRef(step.ref, ctx));
}
