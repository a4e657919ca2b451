// Devices of the host and requests for devices, in the order docker compose 2.40.3 sends them.
import { expect, it } from "vitest";
import { containerBody } from "../../../src/core/container/index.ts";
import type { ServiceSpec } from "../../../src/core/model/index.ts";
import { input } from "./builders.ts";

function host(spec: Partial<ServiceSpec>): Record<string, unknown> {
  return containerBody(input(spec)).HostConfig as Record<string, unknown>;
}

it("must ask for GPUs after reserved devices and devices of the Container Device Interface", () => {
  const devices = [{ capabilities: ["tpu"], count: 1 }];
  const sent = host({
    deploy: { resources: { reservations: { devices } } },
    devices: [
      { source: "vendor.com/net=a", target: "vendor.com/net=a", permissions: "rwm" },
      { source: "/dev/a", target: "/dev/b" },
    ],
    gpus: [{ count: -1 }, { capabilities: ["utility"], driver: "nvidia", device_ids: ["0"] }],
  });
  expect(sent.Devices).toStrictEqual([
    { PathOnHost: "/dev/a", PathInContainer: "/dev/b", CgroupPermissions: "" },
  ]);
  expect(sent.DeviceRequests).toStrictEqual([
    { Driver: "", Count: 1, Capabilities: [["tpu"]] },
    { Driver: "cdi", DeviceIDs: ["vendor.com/net=a"] },
    { Driver: "", Count: -1, Capabilities: [["gpu"]] },
    { Driver: "nvidia", Count: 0, DeviceIDs: ["0"], Capabilities: [["utility", "gpu"]] },
  ]);
});
