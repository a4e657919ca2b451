// Whether a container is what a create call would make of it: its configuration, as the engine tells it, against a body
// with the image's and the engine's own in its gaps. What is not understood counts as a difference.
import { type Json, object, text } from "../../model/engine-json.ts";
import type { ContainerDetails } from "../../model/index.ts";
import type { CreateBody } from "../body.ts";
import { configFields, type Fields, withImage } from "./config.ts";
import { hostFields, withDefaults } from "./host.ts";
import { isNothing, meaning } from "./json.ts";
import { mountFields } from "./mounts.ts";
import { type Connected, networkFields } from "./networks.ts";

/** Keys of the compose file in which container `id` differs from what `body` would make, sorted; never a value. */
export function differences(body: CreateBody, id: string, details: ContainerDetails): readonly string[] {
  const { image, engine } = details;
  const { HostConfig, NetworkingConfig, ...config } = body;
  const host = object(HostConfig);
  const found: Connected = {
    config: details.config,
    host: details.hostConfig,
    networks: details.networks,
    id,
  };
  const wanted: Connected = {
    config: withHostname(withImage(config, image), host, found, details),
    host: withDefaults(host, engine),
    networks: object(object(NetworkingConfig).EndpointsConfig),
    id,
  };
  const is = fieldsOf(found, wanted, details);
  const shouldBe = fieldsOf(wanted, wanted, details);
  const keys = Object.keys({ ...is, ...shouldBe }).filter((key) => !isSame(is[key], shouldBe[key]));
  // What stands behind a name tells fields of one name apart.
  return [...new Set(keys.map((key) => key.split(" ")[0] ?? key))].sort();
}

function fieldsOf(one: Connected, wanted: Connected, { image, engine }: ContainerDetails): Fields {
  const { config, host } = one;
  return {
    ...configFields(config),
    ...hostFields(host, engine),
    ...networkFields(one, wanted),
    volumes: mountFields(config, host, image),
  };
}

/** A name that the file does not give is the engine's to choose. */
function withHostname(config: Json, host: Json, found: Connected, { engine }: ContainerDetails): Json {
  if (!isNothing(config.Hostname)) return config;
  const mode = text(host.NetworkMode);
  // It has that of whom it joins, and could not be given one.
  if (mode.startsWith("container:")) {
    const { Hostname, Domainname } = found.config;
    return { ...config, Hostname, Domainname };
  }
  return { ...config, Hostname: mode === "host" ? engine.hostName : found.id.slice(0, 12) };
}

function isSame(a: unknown, b: unknown): boolean {
  return (isNothing(a) && isNothing(b)) || meaning(a) === meaning(b);
}
