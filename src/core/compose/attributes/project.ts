// The attributes of the project itself, its networks and volumes (compose.md 2.3).
import { type Attribute, ignored, sent, under, used } from "./rows.ts";

const TOP: readonly Attribute[] = [
  used("configs", "see [configs](#configs)"),
  used("include", "other compose files, each with a project directory of its own"),
  ignored("models", "the services that name a model are held"),
  used("name", "the project's name, unless the configuration gives one"),
  used("networks", "networks of the project or of others"),
  used("secrets", "see [secrets](#secrets)"),
  used("services", "the services"),
  ignored("version", "obsolete; a warning"),
  used("volumes", "volumes of the project or of others"),
  used("x-boardhand", "how the services are updated that do not say so themselves"),
];

const NETWORK = under("networks.*", [
  sent("attachable", "Attachable"),
  sent("driver", "Driver"),
  sent("driver_opts", "Options"),
  sent("enable_ipv4", "EnableIPv4", { since: 48 }),
  sent("enable_ipv6", "EnableIPv6"),
  used("external", "it must exist; a service that needs it is held until it does"),
  sent("internal", "Internal"),
  sent("ipam", "IPAM: `driver` and `config`; `options` are read and not sent, as docker compose does"),
  sent("labels", "Labels, with docker compose's own"),
  sent("name", "Name"),
]);

const VOLUME = under("volumes.*", [
  sent("driver", "Driver"),
  sent("driver_opts", "DriverOpts"),
  used("external", "it must exist; a service that needs it is held until it does"),
  sent("labels", "Labels, with docker compose's own"),
  sent("name", "Name"),
]);

const FILES = ["secrets", "configs"].flatMap((section) =>
  under(`${section}.*`, [
    used("content", "a file written into the container before each start"),
    used("environment", "a file written into the container before each start"),
    used("external", "refused: nothing outside a swarm has them"),
    used("file", "a read-only bind mount"),
    used("name", "only of an external one"),
  ]),
);

export const PROJECT: readonly Attribute[] = [...TOP, ...NETWORK, ...VOLUME, ...FILES];
