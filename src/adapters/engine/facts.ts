// What the engine says about itself, from /version and /info.
import { type Json, list, number, object, text, texts } from "../../core/model/engine-json.ts";
import type { EngineFacts } from "../../core/model/index.ts";

/** Reduces the two answers to EngineFacts; `apiVersion` is the negotiated one. */
export function toFacts(version: Json, info: Json, apiVersion: string): EngineFacts {
  const registries = object(info.RegistryConfig);
  const plain = Object.entries(object(registries.IndexConfigs)).flatMap(([host, config]) =>
    object(config).Secure === false ? [host] : [],
  );
  return {
    version: text(version.Version),
    apiVersion,
    arch: text(version.Arch),
    os: text(version.Os),
    kernelArchitecture: text(info.Architecture),
    kernelVersion: text(info.KernelVersion) || text(version.KernelVersion),
    operatingSystem: text(info.OperatingSystem),
    name: text(info.Name),
    store: isContainerdStore(info) ? "containerd" : "classic",
    product: isPodman(version) ? "podman" : "docker",
    dataRoot: text(info.DockerRootDir),
    insecureRegistries: [...new Set([...texts(registries.InsecureRegistryCIDRs), ...plain])].sort(),
    memoryBytes: number(info.MemTotal),
    cpus: number(info.NCPU),
  };
}

function isContainerdStore(info: Json): boolean {
  return list(info.DriverStatus).some((pair) => {
    const [key, value] = texts(pair);
    return key === "driver-type" && value === "io.containerd.snapshotter.v1";
  });
}

function isPodman(version: Json): boolean {
  return list(version.Components).some((one) => text(object(one).Name).toLowerCase().startsWith("podman"));
}
