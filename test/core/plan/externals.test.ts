import { describe, expect, it } from "vitest";
import type { DesiredNetwork, DesiredVolume, ObservedProject } from "../../../src/core/model/index.ts";
import { missingExternals } from "../../../src/core/plan/externals.ts";
import { network, observed, policy, project, service, volume } from "../../support/builders.ts";

const web = service("web", { networks: ["front"], volumes: ["data"] });
const NETWORK = { id: "n1", name: "outer", labels: {} };
const VOLUME = { name: "disk", labels: {} };

function missing(
  there: Partial<ObservedProject>,
  declared: { readonly network?: Partial<DesiredNetwork>; readonly volume?: Partial<DesiredVolume> } = {},
  of = web,
) {
  const desired = project([of], {
    networks: [network("front", { name: "outer", external: true, ...declared.network })],
    volumes: [volume("data", { name: "disk", external: true, ...declared.volume })],
  });
  return missingExternals(of, {
    desired,
    images: new Map(),
    observed: observed([], there),
    details: new Map(),
    policy: policy(),
  });
}

describe("external networks and volumes", () => {
  const others = [{ ...NETWORK, id: "n2", name: "another" }];

  it("must be there, networks under their name or id", () => {
    expect(
      missing({ networks: [...others, NETWORK], volumes: [{ ...VOLUME, name: "x" }, VOLUME] }),
    ).toBeNull();
    expect(missing({ networks: [NETWORK], volumes: [VOLUME] }, { network: { name: "n1" } })).toBeNull();
  });

  it("must be named in the words where they are missing", () => {
    expect(missing({ networks: others, volumes: [VOLUME] })).toBe(
      "network outer is declared as external, but the engine has none of that name",
    );
    expect(missing({ networks: [NETWORK], volumes: [{ ...VOLUME, name: "x" }] })).toBe(
      "volume disk is declared as external, but the engine has none of that name",
    );
    expect(missing({ networks: [NETWORK] })).toContain("volume disk");
  });

  it("must not matter to a service that does not use them, nor where they are not external", () => {
    expect(missing({}, {}, service("web"))).toBeNull();
    expect(missing({}, { network: { external: false }, volume: { external: false } })).toBeNull();
  });
});
