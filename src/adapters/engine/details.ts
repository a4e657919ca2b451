// What containers were made with, for the few that are compared field by field: their configuration as the engine tells
// it, their image's, and what this engine fills in by itself.
import { type Json, object, text } from "../../core/model/engine-json.ts";
import type { ContainerDetails, EngineDefaults } from "../../core/model/index.ts";
import { mapLimit } from "./limit.ts";
import { inspect, inspectImage } from "./observe.ts";
import type { Transport } from "./transport.ts";

const PARALLEL = 8;

/** Fields of HostConfig by the fact of `/info` without which the engine does not keep them. */
const ENFORCED_BY: Readonly<Record<string, readonly string[]>> = {
  MemoryLimit: ["Memory", "MemoryReservation", "MemorySwap"],
  SwapLimit: ["MemorySwap"],
  CPUShares: ["CpuShares"],
  CpuCfsPeriod: ["CpuPeriod"],
  CpuCfsQuota: ["CpuQuota"],
  CPUSet: ["CpusetCpus"],
  PidsLimit: ["PidsLimit"],
  OomKillDisable: ["OomKillDisable"],
};

/** By container id; one that vanished meanwhile, or whose image did, is left out. */
export async function containerDetails(
  transport: Transport,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ContainerDetails>> {
  const info = await transport.call({ method: "GET", path: "/info", what: "read its facts" });
  const engine = toDefaults(object(info.json));
  const images = new Map<string, Promise<Json | null>>();
  const found = await mapLimit(ids, PARALLEL, async (id) => {
    const inspected = await inspect(transport, id);
    if (inspected === null) return [];
    const imageId = text(inspected.Image);
    const asked = images.get(imageId) ?? inspectImage(transport, imageId);
    images.set(imageId, asked);
    const image = await asked;
    return image === null ? [] : [[id, toDetails(inspected, image, engine)] as const];
  });
  return new Map(found.flat());
}

function toDetails(inspected: Json, image: Json, engine: EngineDefaults): ContainerDetails {
  return {
    config: object(inspected.Config),
    hostConfig: object(inspected.HostConfig),
    networks: object(object(inspected.NetworkSettings).Networks),
    image: object(image.Config),
    engine,
  };
}

function toDefaults(info: Json): EngineDefaults {
  const cgroupVersion = text(info.CgroupVersion) || "1";
  const unenforced = Object.entries(ENFORCED_BY).flatMap(([fact, fields]) =>
    info[fact] === false ? fields : [],
  );
  // What `/info` has no word for: the second version of cgroups does without, and no Linux ever had.
  if (cgroupVersion === "2") unenforced.push("MemorySwappiness");
  if (info.OSType !== "windows") unenforced.push("CpuPercent");
  return {
    hostName: text(info.Name),
    runtime: text(info.DefaultRuntime),
    logDriver: text(info.LoggingDriver),
    cgroupVersion,
    unenforced: [...new Set(unenforced)],
  };
}
