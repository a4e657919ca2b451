// The attributes inside those of a service (compose.md 2, 2.2).
import { type Attribute, ignored, refused, sent, under, used } from "./rows.ts";

const SWARM = "only in a swarm; part of docker compose's hash";

const HEALTHCHECK = under("services.*.healthcheck", [
  sent("test", "Config.Healthcheck.Test; a text is a shell command"),
  sent("interval", "Config.Healthcheck.Interval"),
  sent("timeout", "Config.Healthcheck.Timeout"),
  sent("retries", "Config.Healthcheck.Retries"),
  sent("start_period", "Config.Healthcheck.StartPeriod"),
  sent("start_interval", "Config.Healthcheck.StartInterval; needs `start_period`", { since: 44 }),
  sent("disable", "Config.Healthcheck.Test `NONE`"),
]);

const PORTS = under("services.*.ports[]", [
  ignored("name", "for people; part of docker compose's hash"),
  ignored("mode", SWARM),
  sent("host_ip", "HostIp of the binding"),
  sent("target", "the container's port"),
  sent("published", "HostPort of the binding; absent or a range: the engine picks"),
  sent("protocol", "`tcp`, `udp` or `sctp`"),
  ignored("app_protocol", "for people; part of docker compose's hash"),
]);

const NETWORKS = under("services.*.networks.*", [
  sent("aliases", "Aliases of the endpoint, after the names of container and service"),
  sent("driver_opts", "DriverOpts of the endpoint"),
  sent("gw_priority", "GwPriority of the endpoint", { since: 48 }),
  sent("interface_name", "DriverOpts `com.docker.network.endpoint.ifname`", { since: 49 }),
  sent("ipv4_address", "IPAMConfig.IPv4Address of the endpoint"),
  sent("ipv6_address", "IPAMConfig.IPv6Address of the endpoint"),
  sent("link_local_ips", "IPAMConfig.LinkLocalIPs of the endpoint"),
  sent("mac_address", "MacAddress of the endpoint; below API 1.44 only on the primary network"),
  used("priority", "which network is the primary one"),
]);

const VOLUMES = under("services.*.volumes[]", [
  sent("type", "Binds or Mounts", { when: ["bind", "volume", "tmpfs"] }),
  refused("type", "exists in a swarm only", "use a volume", { when: ["cluster"] }),
  refused("type", "exists on Windows only", "use a bind mount", { when: ["npipe"] }),
  refused(
    "type",
    "would need a second image for the service, which Boardhand does not follow and docker compose hashes in three ways (by name up to 5.0, by image id from 5.1 on, by name with a label beside it from 5.5 on)",
    "copy the files into a volume, or into the service's own image",
    { when: ["image"] },
  ),
  sent("source", "Source"),
  sent("target", "Target"),
  sent("read_only", "ReadOnly"),
  sent("consistency", "Consistency"),
  sent("bind", "BindOptions"),
  sent("volume", "VolumeOptions"),
  sent("tmpfs", "TmpfsOptions"),
  ignored("image", "only of a mount of type `image`"),
]);

const VOLUME_OPTIONS = under("services.*.volumes[]", [
  sent(
    "bind.create_host_path",
    "a bind in Binds; in Mounts BindOptions.CreateMountpoint, which engines know from API 1.42 on",
  ),
  sent("bind.propagation", "BindOptions.Propagation"),
  sent("bind.recursive", "BindOptions.NonRecursive", { when: ["enabled", "disabled"] }),
  sent("bind.recursive", "BindOptions.ReadOnlyNonRecursive, ReadOnlyForceRecursive", {
    since: 44,
    when: ["writable", "readonly"],
  }),
  sent("bind.selinux", "`z` or `Z` of the bind"),
  sent("volume.labels", "VolumeOptions.Labels"),
  sent("volume.nocopy", "VolumeOptions.NoCopy"),
  sent("volume.subpath", "VolumeOptions.Subpath", { since: 45 }),
  sent("tmpfs.mode", "TmpfsOptions.Mode"),
  sent("tmpfs.size", "TmpfsOptions.SizeBytes"),
  ignored("image.subpath", "only of a mount of type `image`"),
]);

const DEPLOY = under("services.*.deploy", [
  ignored("endpoint_mode", SWARM),
  ignored("labels", "labels of a swarm's service, not of the container; part of docker compose's hash"),
  ignored("mode", SWARM),
  ignored("placement", SWARM),
  used("replicas", "the number of containers"),
  used("resources", "see below"),
  used("restart_policy", "HostConfig.RestartPolicy, instead of `restart`"),
  ignored("rollback_config", SWARM),
  used("update_config", "`order`, `monitor` and `failure_action` of the rollout; the rest is for a swarm"),
  sent("resources.limits", "see below"),
  sent("resources.limits.cpus", "HostConfig.NanoCpus, over `cpus`"),
  sent("resources.limits.memory", "HostConfig.Memory, over `mem_limit`"),
  sent("resources.limits.pids", "HostConfig.PidsLimit, over `pids_limit`"),
  sent("resources.reservations", "see below"),
  ignored("resources.reservations.cpus", SWARM),
  sent("resources.reservations.devices", "HostConfig.DeviceRequests"),
  ignored("resources.reservations.generic_resources", SWARM),
  sent("resources.reservations.memory", "HostConfig.MemoryReservation, over `mem_reservation`"),
]);

export const PARTS: readonly Attribute[] = [
  ...HEALTHCHECK,
  ...PORTS,
  ...NETWORKS,
  ...VOLUMES,
  ...VOLUME_OPTIONS,
  ...DEPLOY,
];
