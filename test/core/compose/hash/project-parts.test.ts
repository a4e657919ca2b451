// Hashes of networks and volumes, equal to the labels docker compose 2.40.3 was seen to send when creating them.
import { describe, expect, it } from "vitest";
import {
  type HashedNetwork,
  type HashedVolume,
  networkHash,
  volumeHash,
} from "../../../../src/core/compose/hash/index.ts";
import { encodeNetwork, encodeVolume } from "../../../../src/core/compose/hash/project-parts.ts";

const NETWORK: HashedNetwork = {
  name: "p_default",
  external: false,
  driver: null,
  driverOpts: {},
  internal: false,
  attachable: false,
  enableIpv6: null,
  ipam: null,
  labels: {},
};
const VOLUME: HashedVolume = { name: "p_plain", external: false, driver: null, driverOpts: {}, labels: {} };
const POOL = {
  subnet: "10.1.0.0/24",
  gateway: "10.1.0.1",
  ip_range: "10.1.0.128/25",
  aux_addresses: { h: "10.1.0.5" },
};

describe("networkHash", () => {
  it.each<[string, Partial<HashedNetwork>, string]>([
    ["the default network", {}, "cca2b3a66c94bd18c278d0ace2145197839f42c28f96dcd3878eeb5d03f53510"],
    ["a named one", { name: "real" }, "f71ca9c735f4de48e64387eedf0097fca492d522519c9446a3ed8a9d173f11ba"],
    [
      "one with IPv6 switched off",
      { name: "p_n3", enableIpv6: false },
      "80a9b6b715d5310c8282206de951d185c2dafbe5916b26118635ede56566bd4a",
    ],
    [
      "one with every option",
      {
        name: "p_n1",
        driver: "bridge",
        driverOpts: { b: "1", a: "2" },
        attachable: true,
        internal: true,
        enableIpv6: true,
        labels: { l: "v" },
        ipam: { driver: "default", config: [POOL] },
      },
      "ff560af14ec15b9d3f435cc6c592f635f44725e7523d5cedde00c9b95f7b7d39",
    ],
  ])("of %s must equal the recorded label", (_title, parts, hash) => {
    expect(networkHash({ ...NETWORK, ...parts })).toBe(hash);
  });
});

describe("volumeHash", () => {
  it.each<[string, Partial<HashedVolume>, string]>([
    ["a plain volume", {}, "66a5e1d1ebcc87504026935f45e8aa8dfe9b9147bd5adc9eac6ac36263eb67d6"],
    [
      "one with every option",
      { name: "p_data", driver: "local", driverOpts: { type: "tmpfs", o: "size=1m" }, labels: { l: "v" } },
      "292ffebd4ed39e382d3acacccb7358ede48c74d6f38e93e64e5a31f565b89d6a",
    ],
  ])("of %s must equal the recorded label", (_title, parts, hash) => {
    expect(volumeHash({ ...VOLUME, ...parts })).toBe(hash);
  });
});

describe("something external", () => {
  it("must not hash like the project's own of the same name", () => {
    expect(networkHash({ ...NETWORK, external: true })).not.toBe(networkHash(NETWORK));
    expect(volumeHash({ ...VOLUME, external: true })).not.toBe(volumeHash(VOLUME));
    expect(encodeNetwork({ ...NETWORK, external: true })).toBe(
      '{"name":"p_default","ipam":{},"external":true}',
    );
    expect(encodeVolume({ ...VOLUME, external: true })).toBe(
      '{"name":"p_plain","driver":"local","external":true}',
    );
  });
});
