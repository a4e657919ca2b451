// What each sender's deliveries say: every recorded one, and payloads that nobody should have sent.
import { describe, expect, it } from "vitest";
import { PROVIDERS } from "../../../src/triggers/webhooks/providers.ts";
import { DELIVERIES, deliveryOf } from "./support.ts";

const read = (provider: string, payload: unknown, headers: Readonly<Record<string, string>> = {}) =>
  PROVIDERS.find((one) => one.name === provider)?.read(payload, headers);

describe("the recorded deliveries", () => {
  it.each(PROVIDERS.map(({ name }) => name))("%s must have some of a push, and of something else", (name) => {
    const own = DELIVERIES.filter(({ provider }) => provider === name);
    expect(own.some(({ pushes }) => pushes.length > 0)).toBe(true);
    expect(own.some(({ pushes }) => pushes.length === 0)).toBe(true);
  });

  it("each must be of a provider there is, and say where it is from", () => {
    const names = PROVIDERS.map(({ name }) => name);
    expect(DELIVERIES.filter(({ provider }) => !names.includes(provider))).toEqual([]);
    expect(DELIVERIES.filter(({ source }) => source.length < 8)).toEqual([]);
  });

  it.each(DELIVERIES)(
    "$provider/$name must be read as recorded",
    ({ provider, payload, headers, pushes }) => {
      expect(read(provider, payload, headers)).toEqual(pushes);
    },
  );
});

describe("GitHub and those that send its headers", () => {
  it("a delivery of Forgejo must be told by its own headers first, then by Gitea's", () => {
    const { payload, headers } = deliveryOf("gitea", "forgejo-container-created");
    const { "x-forgejo-event": _, ...asGitea } = headers;
    const { "x-gitea-event": __, ...asGitHub } = asGitea;
    expect(read("gitea", payload, { ...headers, "x-gitea-event": "push" })).toHaveLength(1);
    expect(read("gitea", payload, { ...asGitea, "x-github-event": "push" })).toHaveLength(1);
    expect(read("gitea", payload, asGitHub)).toHaveLength(1);
    expect(read("gitea", payload, { ...headers, "x-forgejo-event": "push" })).toEqual([]);
  });

  it("a delivery without any event header must be left alone", () => {
    for (const [provider, name] of [
      ["gitea", "container-created"],
      ["github", "package-published"],
    ] as const)
      expect(read(provider, deliveryOf(provider, name).payload)).toEqual([]);
  });
});

describe("many events at once", () => {
  it("an envelope of a registry must be read up to a thousand events", () => {
    const one = { action: "push", target: { repository: "a", tag: "b" }, id: "1" };
    expect(read("distribution", { events: Array(1_500).fill(one) })).toHaveLength(1_000);
  });

  it("tags of Quay must be read up to a thousand, in either form", () => {
    const tags = Array.from({ length: 1_500 }, (_, index) => `t${index}`);
    const map = Object.fromEntries(tags.map((tag) => [tag, "id"]));
    for (const updated_tags of [tags, map])
      expect(read("quay", { docker_url: "quay.io/a/b", updated_tags })).toHaveLength(1_000);
  });
});

describe.each(PROVIDERS.map(({ name }) => name))("%s", (provider) => {
  const headers = {
    "x-github-event": "package",
    "x-gitea-event": "package",
    "content-type": "application/json",
  };
  it.each([
    ["null", null],
    ["a text", "published"],
    ["a number", 7],
    ["a list", [[[]]]],
    ["nothing", {}],
    [
      "a list for each key",
      JSON.parse('{"repository":[],"push_data":[],"package":[],"events":[[]],"event_data":[]}'),
    ],
    [
      "null for each key",
      { repository: null, push_data: null, package: null, events: null, updated_tags: null },
    ],
    ["null events", { events: [null, 1, "x", {}, { target: null }] }],
    [
      "texts as parents",
      JSON.parse('{"repository":"x","push_data":"x","package":"x","type":"PUSH_ARTIFACT","event_data":"x"}'),
    ],
    [
      "keys of prototypes",
      JSON.parse('{"__proto__":{"image":"a:b","events":[1]},"constructor":{"name":"x"}}'),
    ],
  ])("a payload of %s must be no push", (_what, payload) => {
    expect(read(provider, payload, headers)).toEqual([]);
  });
});
