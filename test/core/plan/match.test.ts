import { describe, expect, it } from "vitest";
import { composeHashes } from "../../../src/core/compose/hash/index.ts";
import { mismatches as allMismatches } from "../../../src/core/plan/match.ts";
import { container, input, offered, service } from "../../support/builders.ts";

const web = service("web");
const one = container(web, "1");
const same = offered("web", "1");

type Given = Parameters<typeof allMismatches>;

/** Where nothing has to be compared field by field. */
function mismatches(of: Given[0], wanted: Given[1], decision: Given[2], providers: Given[3]) {
  return allMismatches(of, wanted, decision, providers, input([wanted], {}, [of])).kinds;
}

describe("a container compared with what is wanted", () => {
  it("must differ in exactly what differs", () => {
    expect(mismatches(one, web, same, new Map())).toEqual([]);
    expect(mismatches(one, web, offered("web", "2"), new Map())).toEqual(["image"]);
    expect(mismatches(one, { ...web, definitionHash: "v1:x" }, same, new Map())).toEqual(["definition"]);
    expect(mismatches(one, { ...web, sharesWith: ["vpn"] }, same, new Map())).toEqual(["shares"]);
  });

  it("must be known by a hash of docker compose in any dialect, and by none only if somebody else made it", () => {
    const theirs = { ...one, definitionHash: null };
    const dialects = { ...web, composeHashes: ["a", "compose-web"] };
    expect(mismatches(theirs, dialects, same, new Map())).toEqual([]);
    expect(mismatches({ ...theirs, composeHash: "b" }, dialects, same, new Map())).toEqual(["definition"]);
    expect(mismatches({ ...theirs, composeHash: null }, dialects, same, new Map())).toEqual(["definition"]);
    expect(mismatches({ ...one, composeHash: "b" }, web, same, new Map())).toEqual([]);
  });

  it("must run the very image where it is one of this engine, and any where nobody could say", () => {
    const local = (imageId: string) =>
      ({ kind: "local", image: { reference: "reg:5000/web:latest", imageId } }) as const;
    expect(mismatches(one, web, local(one.imageId), new Map())).toEqual([]);
    expect(mismatches(one, web, local("sha256:other"), new Map())).toEqual(["image"]);
    const held = { kind: "held", reason: "RateLimited", message: "later" } as const;
    expect(mismatches(one, web, held, new Map())).toEqual([]);
  });

  it("must join the containers that stay, each of them", () => {
    const guest = { ...web, sharesWith: ["vpn", "db"] };
    const joined = { ...one, sharedWith: ["v", "d"] };
    const providers = (vpn: string | null, db: string | null) =>
      new Map([
        ["vpn", vpn],
        ["db", db],
      ]);
    expect(mismatches(joined, guest, same, providers("v", "d"))).toEqual([]);
    expect(mismatches(joined, guest, same, providers("v", "x"))).toEqual(["shares"]);
    expect(mismatches(joined, guest, same, providers(null, "d"))).toEqual(["shares"]);
    expect(mismatches(joined, guest, same, new Map([["vpn", "v"]]))).toEqual(["shares"]);
  });

  it("must be hashed with the provider's id in it, and as written while the provider is about to go", () => {
    const spec = { image: "x", network_mode: "service:vpn" };
    const guest = { ...web, sharesWith: ["vpn"], spec, composeHashes: ["as written"] };
    const [hash = ""] = composeHashes({ image: "x", network_mode: "container:v" });
    const theirs = { ...one, definitionHash: null, composeHash: hash, sharedWith: ["v"] };
    expect(mismatches(theirs, guest, same, new Map([["vpn", "v"]]))).toEqual([]);
    const written = { ...theirs, composeHash: "as written" };
    expect(mismatches(written, guest, same, new Map([["vpn", "v"]]))).toEqual(["definition"]);
    expect(mismatches(written, guest, same, new Map([["vpn", null]]))).toEqual(["shares"]);
    expect(mismatches(written, guest, same, new Map())).toEqual(["shares"]);
  });
});
