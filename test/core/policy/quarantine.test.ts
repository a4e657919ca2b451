import { describe, expect, it } from "vitest";
import type { DesiredService, ImageDecision, QuarantineEntry } from "../../../src/core/model/index.ts";
import { quarantineEntries, quarantineFor } from "../../../src/core/policy/index.ts";
import { offered, pinned, service } from "../../support/builders.ts";

const web = service("web");
const db = service("db");
const digest = (name: string, version: string) => pinned(name, version).platformDigest;
const failed = (
  of: string,
  platformDigest: QuarantineEntry["platformDigest"],
  definitionHash: string | null = null,
) => ({
  service: of,
  platformDigest,
  definitionHash,
});
const entry = (own: ReturnType<typeof failed>, culprit = own): QuarantineEntry => ({
  ...own,
  culprit,
  reason: "it exited",
  since: 1,
});
const HELD = { kind: "held", reason: "RegistryUnavailable", message: "no answer" } as const;
const LOCAL = { kind: "local", image: { reference: "x", imageId: "i" } } as const;

function offers(...given: readonly (readonly [DesiredService, ImageDecision])[]) {
  return new Map(given.map(([of, decision]) => [of.name, { service: of, decision }]));
}

describe("a service", () => {
  const own = entry(failed("web", digest("web", "2")));

  it("must be held while its tag offers the digest that failed, and where the registry does not say", () => {
    for (const decision of [offered("web", "2"), HELD, LOCAL]) {
      expect(quarantineFor(web, decision, [own], new Map())).toBe(own);
    }
    expect(quarantineFor(web, offered("web", "3"), [own], new Map())).toBeNull();
  });

  it("must be held by its own entry only, the first that counts", () => {
    const other = entry(failed("db", digest("web", "2")));
    const gone = entry(failed("web", digest("web", "1")));
    expect(quarantineFor(web, offered("web", "2"), [other], offers([db, offered("web", "2")]))).toBeNull();
    expect(quarantineFor(web, offered("web", "2"), [other, gone, own], new Map())).toBe(own);
    expect(quarantineFor(web, offered("web", "2"), [], new Map())).toBeNull();
  });

  it("must be held while its definition is the one that failed, whatever its image", () => {
    const definition = entry(failed("web", null, web.definitionHash));
    expect(quarantineFor(web, offered("web", "9"), [definition], new Map())).toBe(definition);
    const edited = { ...web, definitionHash: "v1:edited" };
    expect(quarantineFor(edited, offered("web", "9"), [definition], new Map())).toBeNull();
  });

  it("must not be held by an entry that names nothing", () => {
    expect(quarantineFor(web, offered("web", "1"), [entry(failed("web", null))], new Map())).toBeNull();
  });

  it("must be held with the culprit while that one's tag still offers what failed, and it is in the file", () => {
    const together = entry(failed("web", digest("web", "2")), failed("db", digest("db", "2")));
    const find = (given: ReturnType<typeof offers>) =>
      quarantineFor(web, offered("web", "2"), [together], given);
    expect(find(offers([db, offered("db", "2")]))).toBe(together);
    expect(find(offers([db, HELD]))).toBe(together);
    expect(find(offers([db, offered("db", "3")]))).toBeNull();
    expect(find(new Map())).toBeNull();
    expect(quarantineFor(web, offered("web", "3"), [together], offers([db, offered("db", "2")]))).toBeNull();
  });
});

describe("the entries of a failed rollout", () => {
  const image = failed("web", digest("web", "2"));
  const definition = failed("db", null, "v1:x");
  const neither = failed("vpn", null);

  it("must be one for each service that changed, and name the culprit, the words and the time", () => {
    expect(quarantineEntries([image, definition, neither], "db", "it exited", 7)).toEqual([
      { ...image, culprit: definition, reason: "it exited", since: 7 },
      { ...definition, culprit: definition, reason: "it exited", since: 7 },
    ]);
  });

  it("must blame each for itself where nobody is known to have failed, or the culprit did not change", () => {
    for (const culprit of [null, "vpn"]) {
      const entries = quarantineEntries([image, definition, neither], culprit, "it exited", 7);
      expect(entries.map((one) => one.culprit)).toEqual([image, definition]);
    }
  });
});
