// The attributes of the project itself, its networks and volumes (compose.md 2.3).
import { type Attribute, ignored, refused, sent, under, used } from "./rows.ts";

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

const SWARM_ONLY = "exists in a swarm only";
const INSTEAD = "use file or environment";
const COPIED = "copied into the container before each start";

/** What secrets and configs have in common. */
const FILE_OBJECT = [
  used("environment", `the variable's text is ${COPIED}`),
  refused("external", SWARM_ONLY, INSTEAD),
  used("file", "a read-only bind mount"),
  ignored("labels", "docker compose reads them and does nothing with them"),
  ignored("name", "no container sees it"),
  refused("template_driver", SWARM_ONLY, INSTEAD),
];

const SECRETS = under("secrets.*", [
  refused("driver", SWARM_ONLY, INSTEAD),
  ignored("driver_opts", "only with a driver"),
  ...FILE_OBJECT,
]);

const CONFIGS = under("configs.*", [used("content", `the text is ${COPIED}`), ...FILE_OBJECT]);

export const PROJECT: readonly Attribute[] = [...TOP, ...NETWORK, ...VOLUME, ...SECRETS, ...CONFIGS];
