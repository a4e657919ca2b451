// What a project's containers differ in from its file, field by field, whatever their hashes say.
import { systemClock } from "../../../src/adapters/clock/index.ts";
import { createEngine } from "../../../src/adapters/engine/index.ts";
import type { DesiredProject } from "../../../src/core/model/index.ts";
import { differingFields } from "../../../src/core/plan/unknown.ts";
import type { Log } from "../../../src/ports/index.ts";
import { policy } from "../../support/builders.ts";
import type { World } from "../world.ts";

const silent = () => undefined;
const log: Log = { debug: silent, info: silent, warn: silent, error: silent };

export async function desiredOf(world: World): Promise<DesiredProject> {
  const { loader } = await world.parts();
  const source = (await loader.list()).find(({ name }) => name === world.project);
  const loaded = source === undefined ? null : await loader.load(source);
  if (loaded?.kind !== "loaded") throw loaded?.error ?? new Error("the project is not there");
  return loaded.project;
}

/** By service; several containers of one are as one. */
export async function comparedByField(world: World): Promise<Readonly<Record<string, readonly string[]>>> {
  const desired = await desiredOf(world);
  const engine = createEngine({ host: world.config.docker.host, tls: null, clock: systemClock(), log });
  const [{ containers }, { apiVersion }] = [await engine.observe(world.project), await engine.facts()];
  const details = await engine.details(containers.map(({ id }) => id));
  const idOf = (service: string) => containers.find((one) => one.service === service)?.id ?? "";
  const found: Record<string, readonly string[]> = {};
  for (const container of containers) {
    const service = desired.services.find(({ name }) => name === container.service);
    if (service === undefined) continue;
    const shares = Object.fromEntries(service.sharesWith.map((name) => [name, idOf(name)]));
    const input = { desired, details, policy: policy({ apiVersion }) };
    const differing = differingFields(container, service, shares, input);
    found[service.name] = [...new Set([...(found[service.name] ?? []), ...differing])];
  }
  return found;
}
