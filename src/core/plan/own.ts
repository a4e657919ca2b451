// What of a project the agent itself runs as. Nobody can stop themselves and carry on, so a look plans without it: its
// containers, under whatever names an update of the agent gave them, are never started, stopped, renamed or removed.
import type { DesiredProject, DesiredService, ObservedProject } from "../model/index.ts";

/** The service whose container the agent runs in, by its labels. */
export interface OwnService {
  readonly project: string;
  readonly service: string;
}

/** The project as a look plans it. Who joins the agent's namespaces is held: it would have to move with the agent. */
export function withoutOwnService(desired: DesiredProject, own: OwnService | null): DesiredProject {
  if (own === null || own.project !== desired.name) return desired;
  const { service: name } = own;
  const services = desired.services.filter((service) => service.name !== name);
  return { ...desired, services: services.map((service) => apart(service, name)) };
}

function apart(service: DesiredService, own: string): DesiredService {
  if (!service.sharesWith.includes(own)) return service;
  const refusal = `joins the namespaces or volumes of ${own}, which is Boardhand itself and moves on its own`;
  return { ...service, refusals: [...service.refusals, refusal] };
}

/** What is there, but for the containers of that service. */
export function withoutOwnContainers(observed: ObservedProject, own: OwnService | null): ObservedProject {
  if (own === null || own.project !== observed.project) return observed;
  return { ...observed, containers: observed.containers.filter(({ service }) => service !== own.service) };
}

/** What an operator should know; null where the agent is none of the project's services. */
export function ownNote(desired: DesiredProject, own: OwnService | null): string | null {
  if (own === null || own.project !== desired.name) return null;
  return desired.services.some(({ name }) => name === own.service)
    ? `${own.service} is this agent: it updates itself`
    : `${own.service} is this agent, and no service of the file any more: it is left alone`;
}
