// A resolved project in the form `docker compose config` prints. The services are the text that is hashed, plus what the
// hash leaves out, so that what is printed and what is hashed cannot differ.
import { encodeService } from "../../core/compose/hash/service.ts";
import type {
  DesiredNetwork,
  DesiredProject,
  DesiredService,
  DesiredVolume,
} from "../../core/model/index.ts";

type Json = Readonly<Record<string, unknown>>;

/** `{name, services, networks, volumes}`; empty sections are left out. */
export function composeModel(project: DesiredProject): Json {
  const networks = project.networks.map((network) => [network.key, networkModel(network)] as const);
  const volumes = project.volumes.map((volume) => [volume.key, volumeModel(volume)] as const);
  return {
    name: project.name,
    services: Object.fromEntries(project.services.map((service) => [service.name, serviceModel(service)])),
    ...(networks.length === 0 ? {} : { networks: Object.fromEntries(networks) }),
    ...(volumes.length === 0 ? {} : { volumes: Object.fromEntries(volumes) }),
  };
}

/** Keys by the alphabet; what was not written (`command`, `entrypoint`, parts of `deploy`) is hashed but not printed. */
function serviceModel({ spec }: DesiredService): Json {
  const { command, entrypoint, deploy, ...hashed } = JSON.parse(encodeService(spec, "v2.40")) as Json;
  const dependencies = spec.depends_on ?? {};
  const model: Json = {
    ...hashed,
    ...(command === null ? {} : { command }),
    ...(entrypoint === null ? {} : { entrypoint }),
    ...(spec.deploy === undefined ? {} : { deploy: deployModel(deploy as Json, spec.deploy.replicas) }),
    ...(Object.keys(dependencies).length === 0 ? {} : { depends_on: dependsOn(dependencies) }),
    ...(spec.profiles === undefined || spec.profiles.length === 0 ? {} : { profiles: spec.profiles }),
    ...(spec.pull_policy === undefined ? {} : { pull_policy: spec.pull_policy }),
    ...(spec.scale === undefined ? {} : { scale: spec.scale }),
  };
  return Object.fromEntries(Object.entries(model).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function deployModel(hashed: Json, replicas: number | undefined): Json {
  const { mode, labels, ...rest } = hashed;
  const written = Object.entries(rest).filter(
    ([key, value]) => !(["resources", "placement"].includes(key) && Object.keys(value as Json).length === 0),
  );
  return {
    ...(mode === undefined ? {} : { mode }),
    ...(replicas === undefined ? {} : { replicas }),
    ...(labels === undefined ? {} : { labels }),
    ...Object.fromEntries(written),
  };
}

function dependsOn(dependencies: NonNullable<DesiredService["spec"]["depends_on"]>): Json {
  return Object.fromEntries(
    Object.entries(dependencies).map(([name, { condition, restart, required }]) => [
      name,
      { condition, ...(restart ? { restart } : {}), required },
    ]),
  );
}

function networkModel(network: DesiredNetwork): Json {
  return {
    name: network.name,
    ...(network.driver === null ? {} : { driver: network.driver }),
    ...nonEmptyMap("driver_opts", network.driverOpts),
    ...(network.ipam === null ? {} : { ipam: ipamModel(network.ipam) }),
    ...(network.external ? { external: true } : {}),
    ...(network.internal ? { internal: true } : {}),
    ...(network.attachable ? { attachable: true } : {}),
    ...nonEmptyMap("labels", network.labels),
    ...(network.enableIpv6 === null ? {} : { enable_ipv6: network.enableIpv6 }),
  };
}

function ipamModel(ipam: NonNullable<DesiredNetwork["ipam"]>): Json {
  return {
    ...(ipam.driver === null ? {} : { driver: ipam.driver }),
    ...(ipam.config.length === 0 ? {} : { config: ipam.config }),
  };
}

function volumeModel(volume: DesiredVolume): Json {
  return {
    name: volume.name,
    ...(volume.driver === null ? {} : { driver: volume.driver }),
    ...nonEmptyMap("driver_opts", volume.driverOpts),
    ...(volume.external ? { external: true } : {}),
    ...nonEmptyMap("labels", volume.labels),
  };
}

function nonEmptyMap(key: string, value: Readonly<Record<string, string>>): Json {
  return Object.keys(value).length === 0 ? {} : { [key]: value };
}
