// What becomes of the pushes: which are offered, which are heard once, what is counted and what is written down.
import { describe, expect, it } from "vitest";
import type { PushHint } from "../../../src/core/model/index.ts";
import { Secret } from "../../../src/core/model/index.ts";
import { DELIVERIES, Door, deliveryOf } from "./support.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;
const HUB_HOOK = "https://registry.hub.docker.com/u/ana/garden/hook/2141b5bi5/";

const notification = (over: {
  readonly id?: string;
  readonly repository?: string;
  readonly tag?: string;
  readonly host?: string;
}) => ({
  events: [
    {
      id: over.id ?? "1",
      action: "push",
      target: { repository: over.repository ?? "team/app", tag: over.tag ?? "latest" },
      request: { host: over.host ?? "registry.lan:5000" },
    },
  ],
});

describe("a hint", () => {
  it.each(DELIVERIES.filter(({ pushes }) => pushes.length > 0))(
    "of $provider/$name must name a repository and a tag, or none where the tag is a digest",
    ({ provider, payload, headers, pushes }) => {
      const door = new Door();
      const { outcome } = door.take(provider, payload, headers);
      const tagged = pushes.filter(({ tag }) => !tag.startsWith("sha256:"));
      expect(outcome).toMatchObject({ taken: tagged.length, ignored: pushes.length - tagged.length });
      expect(door.offered.map(({ tag }) => tag)).toEqual(tagged.map(({ tag }) => tag));
    },
  );

  it.each([
    ["Docker Hub's own image", "docker.io", "nginx", "docker.io", "library/nginx"],
    ["Docker Hub by another name", "index.docker.io", "ana/garden", "docker.io", "ana/garden"],
    ["a registry on a port", "127.0.0.1:5000", "app", "127.0.0.1:5000", "app"],
    ["a registry by IPv6", "[::1]:5000", "app", "[::1]:5000", "app"],
    ["localhost", "localhost", "app", "localhost", "app"],
    ["a container's name, which is no host", "registry", "team/app", null, "team/app"],
    ["a host that is none", "a b.c", "team/app", null, "team/app"],
    ["no host", "", "team/app", null, "team/app"],
  ])("from %s must be canonical", (_what, host, repository, registry, canonical) => {
    const door = new Door();
    door.take("distribution", notification({ host, repository }));
    expect(door.offered).toEqual([{ registry, repository: canonical, tag: "latest" }]);
  });

  it.each([
    ["a digest for a tag", { tag: DIGEST }],
    ["a signature's tag", { tag: `sha256-${"a".repeat(64)}.sig` }],
    ["the tag of referrers", { tag: `sha256-${"a".repeat(64)}` }],
    ["a tag with a digest", { tag: `latest@${DIGEST}` }],
    ["a tag with a space", { tag: "la test" }],
    ["a tag with a line break", { tag: "latest\nforged" }],
    ["a tag with half a character", { tag: "latest\ud800" }],
    ["a tag of 129 characters", { tag: "a".repeat(129) }],
    ["a repository with upper case", { repository: "Team/App" }],
    ["a repository with a tag", { repository: "team/app:1" }],
    ["a repository with a digest", { repository: `team/app@${DIGEST}` }],
    ["a repository that climbs", { repository: "../../etc" }],
    ["a repository with an empty part", { repository: "team//app" }],
    ["a repository with half a character", { repository: "team/\udc00" }],
    ["a repository of 100,000 characters", { repository: "a/".repeat(50_000) }],
    ["a repository with a terminal's escape", { repository: "team/\u001b[2J" }],
  ])("from %s must not be made", (_what, over) => {
    const door = new Door();
    expect(door.take("distribution", notification(over)).outcome).toMatchObject({ taken: 0, ignored: 1 });
    expect(door.offered).toEqual([]);
    expect(door.logged).toEqual([]);
  });
});

describe("a repeated delivery", () => {
  it("must be heard once, whatever became of it but for a full queue", () => {
    for (const answer of ["taken", "unknown"] as const) {
      const door = new Door();
      door.answer = answer;
      door.take("distribution", notification({}));
      expect(door.take("distribution", notification({})).outcome).toMatchObject({ duplicates: 1 });
      expect(door.offered).toHaveLength(1);
    }
  });

  it("must be heard again when there was no room for it", () => {
    const door = new Door();
    door.answer = "full";
    expect(door.take("distribution", notification({})).outcome).toMatchObject({ full: 1 });
    door.answer = "taken";
    expect(door.take("distribution", notification({})).outcome).toMatchObject({ taken: 1, duplicates: 0 });
  });

  it("must be told from another push under the same id, and from another provider's", () => {
    const door = new Door();
    door.take("distribution", notification({}));
    door.take("distribution", notification({ tag: "other" }));
    door.take("distribution", notification({ host: "other.lan:5000" }));
    door.take("gitlab", notification({}));
    expect(door.offered).toHaveLength(4);
  });

  it("must be heard again after a quarter of an hour by the clock that only goes forward", () => {
    const door = new Door();
    door.take("distribution", notification({}));
    door.now = 15 * 60_000 - 1;
    expect(door.take("distribution", notification({})).outcome.duplicates).toBe(1);
    door.now = 15 * 60_000;
    expect(door.take("distribution", notification({})).outcome.taken).toBe(1);
  });

  it("must be forgotten when four thousand others came since, the oldest first", () => {
    const door = new Door();
    for (let id = 0; id <= 4_096; id += 1) door.take("distribution", notification({ id: String(id) }));
    expect(door.take("distribution", notification({ id: "1" })).outcome.duplicates).toBe(1);
    expect(door.take("distribution", notification({ id: "0" })).outcome.taken).toBe(1);
  });

  it("without an id must be offered each time: the sink knows what it is waiting for", () => {
    const door = new Door();
    const { payload } = deliveryOf("dockerhub", "push");
    for (let time = 0; time < 6; time += 1) door.take("dockerhub", payload);
    expect(door.offered).toHaveLength(6);
  });

  it("of GitHub must be told by its delivery id", () => {
    const door = new Door();
    const { payload, headers } = deliveryOf("github", "package-published");
    door.take("github", payload, headers);
    expect(door.take("github", payload, headers).outcome.duplicates).toBe(1);
    expect(door.take("github", payload, { ...headers, "x-github-delivery": "2" }).outcome.taken).toBe(1);
  });
});

describe("the counts", () => {
  it("must add up over deliveries", () => {
    const door = new Door();
    door.take("distribution", notification({ id: "1" }));
    door.take("distribution", notification({ id: "1" }));
    door.answer = "unknown";
    door.take("distribution", notification({ id: "2" }));
    door.answer = "full";
    door.take("distribution", notification({ id: "3" }));
    door.take("distribution", { events: [] });
    door.take("generic", { image: "no reference" });
    door.take("nobody", {});
    door.webhooks.count("refused");
    door.webhooks.count("ignored");
    expect(door.webhooks.counts()).toEqual({
      taken: 1,
      duplicates: 1,
      unknown: 1,
      full: 1,
      ignored: 4,
      refused: 1,
    });
  });
});

describe("the log", () => {
  it("must have repository and tag, and nothing else of what was sent", () => {
    const door = new Door();
    for (const { provider, payload, headers } of DELIVERIES) door.take(provider, payload, headers);
    const keys = new Set(door.logged.flatMap(({ fields }) => Object.keys(fields)));
    expect([...keys].sort()).toEqual(["answer", "provider", "repository", "tag"]);
  });
});

describe("Docker Hub's callback", () => {
  const { payload } = deliveryOf("dockerhub", "push");
  const withUrl = (url: unknown) => ({ ...(payload as Record<string, unknown>), callback_url: url });

  it("must be answered after the answer, at its own address", () => {
    const door = new Door();
    const { afterAnswer } = door.take("dockerhub", withUrl(HUB_HOOK));
    expect(door.confirmed).toEqual([]);
    afterAnswer();
    expect(door.confirmed).toEqual([HUB_HOOK]);
  });

  it("must be left alone where nothing was taken, and for other providers", () => {
    const door = new Door();
    door.take("generic", { image: "nginx", callback_url: HUB_HOOK }).afterAnswer();
    door.answer = "unknown";
    door.take("dockerhub", withUrl(HUB_HOOK)).afterAnswer();
    expect(door.confirmed).toEqual([]);
  });

  it("must be left alone when it is not switched on", () => {
    const door = new Door({ callback: null });
    expect(() => door.take("dockerhub", withUrl(HUB_HOOK)).afterAnswer()).not.toThrow();
  });

  it.each([
    ["plain HTTP", "http://registry.hub.docker.com/u/a/b/hook/1/"],
    ["another host", "https://evil.example/u/a/b/hook/1/"],
    ["a host that begins like it", "https://registry.hub.docker.com.evil.example/u/a/b/hook/1/"],
    ["a user name before another host", "https://registry.hub.docker.com@evil.example/u/a/b/hook/1/"],
    ["a user name", "https://x@registry.hub.docker.com/u/a/b/hook/1/"],
    ["a port", "https://registry.hub.docker.com:8443/u/a/b/hook/1/"],
    ["another path", "https://registry.hub.docker.com/v2/users/login"],
    ["a path that climbs", "https://registry.hub.docker.com/u/../b/hook/1/"],
    ["a query", "https://registry.hub.docker.com/u/a/b/hook/1/?x=1"],
    ["a backslash", "https://registry.hub.docker.com\\@evil.example/u/a/b/hook/1/"],
    ["a line break", "https://registry.hub.docker.com/u/a/b/hook/1/\nx"],
    ["an address of this board", "http://127.0.0.1:8080/api/v1/check"],
    ["no text", { toString: (): string => HUB_HOOK }],
    ["no address", "hook"],
  ])("must be left alone when it names %s", (_what, url) => {
    const door = new Door();
    door.take("dockerhub", withUrl(url)).afterAnswer();
    expect(door.confirmed).toEqual([]);
  });
});

describe("the door", () => {
  it("must ask for the secret that is configured for a provider, and for none of the others", () => {
    const secret = new Secret("s");
    const { senders } = new Door({ secrets: new Map([["github", secret]]) }).webhooks;
    expect([...senders].filter(([, sender]) => sender.secret !== null).map(([name]) => name)).toEqual([
      "github",
    ]);
    expect(senders.get("github")?.secret).toBe(secret);
  });

  it("must refuse nothing to senders that would send it for ever", () => {
    const { senders } = new Door().webhooks;
    const never = [...senders].filter(([, { neverRefuse }]) => neverRefuse).map(([name]) => name);
    expect(never).toEqual(["distribution", "gitlab"]);
  });

  it("must offer the pushes of one delivery in their order", () => {
    const door = new Door();
    door.take("quay", { docker_url: "quay.io/a/b", updated_tags: ["2", "1"] });
    const expected: readonly PushHint[] = ["2", "1"].map((tag) => ({
      registry: "quay.io",
      repository: "a/b",
      tag,
    }));
    expect(door.offered).toEqual(expected);
  });
});
