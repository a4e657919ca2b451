// Volumes of a service as the engine takes them: `Binds` where they say enough, `Mounts` where options are needed,
// and the anonymous volumes of the container that is replaced, so that no data is left behind (compose.md 2.2).
import type {
  DesiredProject,
  ObservedMount,
  ServiceFile,
  ServiceSpec,
  VolumeMountSpec,
} from "../model/index.ts";
import { fileMounts } from "./file-mounts.ts";

export interface MountInput {
  readonly spec: ServiceSpec;
  readonly files: readonly ServiceFile[];
  readonly project: DesiredProject;
  /** Destinations the new image declares as volumes. */
  readonly imageVolumes: readonly string[];
  /** Mounts of the container being replaced. */
  readonly inherit: readonly ObservedMount[];
}

type Mount = Readonly<Record<string, unknown>>;

export interface EngineMounts {
  readonly binds: readonly string[];
  readonly mounts: readonly Mount[];
}

/** `Binds` and `Mounts` of HostConfig, each sorted as the compose file has them, inherited ones last. */
export function engineMounts(input: MountInput): EngineMounts {
  const volumes = input.spec.volumes ?? [];
  const inherited = inheritedMounts(input, volumes);
  const carried = new Set(inherited.map((mount) => mount.destination));
  const binds: string[] = [];
  const mounts: Mount[] = [];
  for (const volume of volumes) {
    if (carried.has(volume.target)) continue;
    const source = bindSource(volume, input.project);
    if (source !== null) binds.push(bindString(source, volume));
    else mounts.push(mountObject(volume, input));
  }
  const taken = new Set([...volumes.map((volume) => volume.target), ...carried]);
  const files = fileMounts(input.files, taken);
  return { binds, mounts: [...mounts, ...inherited.map(inheritedMount), ...files] };
}

/** A source in the compose file wins; tmpfs has nothing to carry over. */
function inheritedMounts(input: MountInput, volumes: readonly VolumeMountSpec[]): readonly ObservedMount[] {
  const byTarget = new Map(volumes.map((volume) => [volume.target, volume]));
  const tmpfs = new Set((input.spec.tmpfs ?? []).map((entry) => entry.split(":")[0]));
  return input.inherit.filter((mount) => {
    if (mount.type === "tmpfs" || tmpfs.has(mount.destination)) return false;
    const volume = byTarget.get(mount.destination);
    if (volume === undefined) return input.imageVolumes.includes(mount.destination);
    return volume.type === "volume" && isAbsent(volume.source);
  });
}

function inheritedMount(mount: ObservedMount): Mount {
  return {
    Type: mount.type,
    Source: mount.type === "volume" ? mount.name : mount.source,
    Target: mount.destination,
    ReadOnly: !mount.writable,
  };
}

/** The left side of a `Binds` entry, or null where only `Mounts` can say what is asked for. */
function bindSource(volume: VolumeMountSpec, project: DesiredProject): string | null {
  if (isAbsent(volume.source)) return null;
  if (volume.type === "bind") {
    const { bind } = volume;
    const plain =
      bind === undefined ||
      (bind.create_host_path === true && isAbsent(bind.propagation) && isAbsent(bind.recursive));
    return plain ? volume.source : null;
  }
  if (volume.type !== "volume") return null;
  const options = volume.volume;
  const plain =
    options?.nocopy !== true && isAbsent(options?.subpath) && Object.keys(options?.labels ?? {}).length === 0;
  return plain ? volumeName(volume.source, project) : null;
}

function bindString(source: string, volume: VolumeMountSpec): string {
  const { selinux, propagation } = volume.bind ?? {};
  const options = [
    volume.read_only === true ? "ro" : "rw",
    ...[selinux, propagation].filter((option) => !isAbsent(option)),
    ...(volume.volume?.nocopy === true ? ["nocopy"] : []),
  ];
  return `${source}:${volume.target}:${options.join(",")}`;
}

function mountObject(volume: VolumeMountSpec, input: MountInput): Mount {
  const common = {
    Type: volume.type,
    Target: volume.target,
    ...(volume.read_only === true ? { ReadOnly: true } : {}),
    ...(isAbsent(volume.consistency) ? {} : { Consistency: volume.consistency }),
  };
  if (volume.type === "bind") {
    return { ...common, Source: volume.source ?? "", BindOptions: bindOptions(volume) };
  }
  if (volume.type === "tmpfs") {
    const { size, mode } = volume.tmpfs ?? {};
    const options = {
      ...(size === undefined ? {} : { SizeBytes: size }),
      ...(mode === undefined ? {} : { Mode: mode }),
    };
    return { ...common, TmpfsOptions: options };
  }
  const { nocopy, subpath, labels } = volume.volume ?? {};
  return {
    ...common,
    ...(isAbsent(volume.source) ? {} : { Source: volumeName(volume.source, input.project) }),
    VolumeOptions: {
      ...(nocopy === true ? { NoCopy: true } : {}),
      ...(labels === undefined ? {} : { Labels: labels }),
      ...(isAbsent(subpath) ? {} : { Subpath: subpath }),
    },
  };
}

/** Engines below API 1.42 pass over CreateMountpoint and refuse a missing host path. */
function bindOptions(volume: VolumeMountSpec): Mount {
  const { propagation, create_host_path: create, recursive } = volume.bind ?? {};
  return {
    ...(recursive === "disabled" ? { NonRecursive: true } : {}),
    ...(recursive === "writable" ? { ReadOnlyNonRecursive: true } : {}),
    ...(recursive === "readonly" ? { ReadOnlyForceRecursive: true } : {}),
    ...(isAbsent(propagation) ? {} : { Propagation: propagation }),
    ...(create === true ? { CreateMountpoint: true } : {}),
  };
}

function volumeName(key: string, project: DesiredProject): string {
  return project.volumes.find((volume) => volume.key === key)?.name ?? key;
}

function isAbsent(value: string | undefined): value is undefined | "" {
  return value === undefined || value === "";
}
