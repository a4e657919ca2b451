import { describe, expect, it } from "vitest";
import type {
  DesiredProject,
  DesiredService,
  ImageDecision,
  ObservedContainer,
  ObservedProject,
  PinnedImage,
} from "../../../src/core/model/index.ts";
import { type PlanPolicy, plan } from "../../../src/core/plan/index.ts";
import {
  container,
  digestOf,
  input,
  network,
  observed,
  offered,
  pinned,
  policy,
  project,
  service,
  volume,
} from "../../support/builders.ts";
import { detailed } from "./detailed.ts";

const shown = (...args: Parameters<typeof input>) => detailed(plan(input(...args)));
const web = service("web");
const running = container(web, "1");

interface Given {
  readonly project?: Partial<DesiredProject>;
  readonly there?: Partial<ObservedProject>;
  readonly containers?: readonly ObservedContainer[];
  readonly policy?: Partial<PlanPolicy>;
  readonly image?: ImageDecision;
}

function planned(of: DesiredService, given: Given) {
  return plan({
    desired: project([of], given.project),
    images: new Map([[of.name, given.image ?? offered(of.name, "1")]]),
    observed: observed(given.containers ?? [], given.there),
    details: new Map(),
    policy: policy(given.policy),
  });
}

describe("networks and volumes", () => {
  const user = service("web", {
    networks: ["a", "b", "c", "out"],
    volumes: ["d", "e", "f", "shared"],
    spec: { image: "x", networks: { c: null, b: { priority: 5 }, a: null, out: null } },
  });
  const declared = {
    networks: [
      network("c"),
      network("b"),
      network("a"),
      network("out", { external: true, name: "out" }),
      network("unused"),
    ],
    volumes: [
      volume("f"),
      volume("e"),
      volume("d"),
      volume("shared", { external: true, name: "s" }),
      volume("unused"),
    ],
  };
  const there = {
    networks: [
      { id: "n0", name: "out", labels: {} },
      { id: "n1", name: "p_b", labels: {} },
    ],
    volumes: [
      { name: "s", labels: {} },
      { name: "p_e", labels: {} },
    ],
  };

  it("must be made by key where something new uses them, they are ours and not there", () => {
    expect(detailed(planned(user, { project: declared, there }))).toMatchInlineSnapshot(`
      "1 - createNetwork network=a : p_a does not exist
      2 - createNetwork network=c : p_c does not exist
      3 - createVolume volume=d : p_d does not exist
      4 - createVolume volume=f : p_f does not exist
      5 web pullImage image=reg:5000/web@<web 1> : reg:5000/web:latest is not here yet
      6 web verifyImage image=reg:5000/web@<web 1> <- 5 : prove its processor
      7 web tagImage image=reg:5000/web@<web 1> reference=reg:5000/web:latest <- 6 : so that the tag means what runs here
      8 web createContainer number=1 name=p-web-1 finalName=p-web-1 image=reg:5000/web:latest at reg:5000/web@<web 1> pinned inherit=null networks=["b","a","c","out"] shares={} <- 7 : no container yet
      9 web startContainer ref=#8 name=p-web-1 <- 8 : new revision
      10 web awaitHealthy ref=#8 name=p-web-1 timeoutMs=300000 settleMs=0 mayComplete=false <- 9 : health gate
      p moves web"
    `);
  });

  it("must be joined one by one by an engine that takes one at a time, the one of the highest priority first", () => {
    expect(
      detailed(planned(user, { project: declared, there, policy: { multiNetworkCreate: false } })),
    ).toMatchInlineSnapshot(`
      "1 - createNetwork network=a : p_a does not exist
      2 - createNetwork network=c : p_c does not exist
      3 - createVolume volume=d : p_d does not exist
      4 - createVolume volume=f : p_f does not exist
      5 web pullImage image=reg:5000/web@<web 1> : reg:5000/web:latest is not here yet
      6 web verifyImage image=reg:5000/web@<web 1> <- 5 : prove its processor
      7 web tagImage image=reg:5000/web@<web 1> reference=reg:5000/web:latest <- 6 : so that the tag means what runs here
      8 web createContainer number=1 name=p-web-1 finalName=p-web-1 image=reg:5000/web:latest at reg:5000/web@<web 1> pinned inherit=null networks=["b"] shares={} <- 7 : no container yet
      9 web connectNetwork ref=#8 network=a number=1 finalName=p-web-1 <- 8 : no container yet
      10 web connectNetwork ref=#8 network=c number=1 finalName=p-web-1 <- 8 : no container yet
      11 web connectNetwork ref=#8 network=out number=1 finalName=p-web-1 <- 8 : no container yet
      12 web startContainer ref=#8 name=p-web-1 <- 11 : new revision
      13 web awaitHealthy ref=#8 name=p-web-1 timeoutMs=300000 settleMs=0 mayComplete=false <- 12 : health gate
      p moves web"
    `);
  });

  it("must be made for a replacement too, and not for what stays", () => {
    const kinds = (image: string) =>
      planned(user, {
        project: declared,
        containers: [container(user, "1")],
        there,
        image: offered("web", image),
      }).steps.map((step) => step.kind);
    expect(kinds("2").filter((kind) => kind === "createNetwork" || kind === "createVolume")).toHaveLength(4);
    expect(kinds("1")).toEqual([]);
  });
});

describe("an image", () => {
  const image = (parts: Partial<PinnedImage>): ImageDecision => ({
    kind: "pinned",
    image: { ...pinned("web", "2"), ...parts },
  });
  const here = (repoTags: readonly string[]) => ({
    images: [{ id: pinned("web", "2").configDigest, repoTags, repoDigests: [], size: 1 }],
  });
  /** Pulls and tags of a replacement by `decision`, and what the container is made from. */
  const prepared = (decision: ImageDecision, there: Partial<ObservedProject> = { images: [] }) =>
    detailed(planned(web, { image: decision, containers: [running], there }))
      .split("\n")
      .filter((line) => /Image|createContainer/.test(line));

  it("must be tagged where the tag means something else, and made by the id it has here", () => {
    expect(prepared(image({}), here([]))).toMatchInlineSnapshot(`
      [
        "1 web tagImage image=<config web 2> reference=reg:5000/web:latest : so that the tag means what runs here",
        "2 web createContainer number=1 name=p-web-1.next finalName=p-web-1 image=reg:5000/web:latest at <config web 2> pinned inherit=<web-1 1> networks=[] shares={} <- 1 : image moved from <web 1> to <web 2>",
      ]
    `);
    expect(prepared(image({}), here(["reg:5000/web:latest"]))).toMatchInlineSnapshot(`
      [
        "1 web createContainer number=1 name=p-web-1.next finalName=p-web-1 image=reg:5000/web:latest at <config web 2> pinned inherit=<web-1 1> networks=[] shares={} : image moved from <web 1> to <web 2>",
      ]
    `);
  });

  it("must be tagged latest where it is written without a tag, also behind a port", () => {
    const bare = (reference: string, tags: readonly string[]) =>
      prepared(image({ reference }), here(tags)).filter((line) => line.includes("tagImage"));
    expect(bare("reg:5000/web", ["reg:5000/web:latest"])).toEqual([]);
    expect(bare("web", ["web:latest"])).toEqual([]);
    expect(bare("web:1", ["web:1"])).toEqual([]);
    expect(bare("reg:5000/web", []).join()).toContain("reference=reg:5000/web:latest :");
    expect(bare("reg:5000/w:1", []).join()).toContain("reference=reg:5000/w:1 :");
  });

  it("given by its digest must not be tagged, and the container be made from the manifest", () => {
    const reference = `reg:5000/web@${digestOf("web 3")}`;
    expect(prepared(image({ reference }))).toMatchInlineSnapshot(`
      [
        "1 web pullImage image=reg:5000/web@<web 2> : reg:5000/web@<web 3> is not here yet",
        "2 web verifyImage image=reg:5000/web@<web 2> <- 1 : prove its processor",
        "3 web createContainer number=1 name=p-web-1.next finalName=p-web-1 image=reg:5000/web@<web 2> at reg:5000/web@<web 2> pinned inherit=<web-1 1> networks=[] shares={} <- 2 : image moved from <web 1> to <web 2>",
      ]
    `);
    expect(prepared(image({ reference }), here([]))).toMatchInlineSnapshot(`
      [
        "1 web createContainer number=1 name=p-web-1.next finalName=p-web-1 image=<config web 2> at <config web 2> pinned inherit=<web-1 1> networks=[] shares={} : image moved from <web 1> to <web 2>",
      ]
    `);
  });

  it("that is only on this engine must be used by its id, and neither pulled nor tagged", () => {
    const decision = { kind: "local", image: { reference: "web:dev", imageId: "sha256:feed" } } as const;
    expect(prepared(decision)).toMatchInlineSnapshot(`
      [
        "1 web createContainer number=1 name=p-web-1.next finalName=p-web-1 image=web:dev at sha256:feed inherit=<web-1 1> networks=[] shares={} : image moved from <web 1> to sha256:feed",
      ]
    `);
  });

  it("that several services want must be pulled once", () => {
    const one = service("api", { reference: "reg:5000/web:latest" });
    const two = service("web");
    expect(
      shown([one, two], { api: offered("web", "1"), web: offered("web", "1") }, []),
    ).toMatchInlineSnapshot(`
      "1 api pullImage image=reg:5000/web@<web 1> : reg:5000/web:latest is not here yet
      2 api verifyImage image=reg:5000/web@<web 1> <- 1 : prove its processor
      3 api tagImage image=reg:5000/web@<web 1> reference=reg:5000/web:latest <- 2 : so that the tag means what runs here
      4 api createContainer number=1 name=p-api-1 finalName=p-api-1 image=reg:5000/web:latest at reg:5000/web@<web 1> pinned inherit=null networks=[] shares={} <- 3 : no container yet
      5 web createContainer number=1 name=p-web-1 finalName=p-web-1 image=reg:5000/web:latest at reg:5000/web@<web 1> pinned inherit=null networks=[] shares={} <- 3 : no container yet
      6 api startContainer ref=#4 name=p-api-1 <- 4 : new revision
      7 api awaitHealthy ref=#4 name=p-api-1 timeoutMs=300000 settleMs=0 mayComplete=false <- 6 : health gate
      8 web startContainer ref=#5 name=p-web-1 <- 5 : new revision
      9 web awaitHealthy ref=#5 name=p-web-1 timeoutMs=300000 settleMs=0 mayComplete=false <- 8 : health gate
      p moves api web"
    `);
  });

  it("that nobody looked up must hold the service", () => {
    expect(shown([web], {}, [])).toBe(
      "held web: RegistryUnavailable: its image was not looked up yet\np moves ",
    );
  });
});

describe("replacements", () => {
  it("left over from something else must go first", () => {
    const stale = container(web, "0", { name: "p-web-1.next", state: "created" });
    expect(shown([web], { web: "1" }, [running, stale])).toMatchInlineSnapshot(`
      "1 web removeContainer ref=<web-1 0> name=p-web-1.next : left over from a rollout that did not take place
      p moves "
    `);
    const held = { kind: "held", reason: "ImageNotFound", message: "no such tag" } as const;
    expect(
      shown([service("web", { definitionHash: "v1:x" })], { web: held }, [stale]),
    ).toMatchInlineSnapshot(`
      "1 web removeContainer ref=<web-1 0> name=p-web-1.next : left over from a rollout that did not take place
      held web: ImageNotFound: no such tag
      p moves "
    `);
  });

  it("must join the first container of each provider, whether it is new or stays", () => {
    const vpn = service("vpn", { replicas: 2 });
    const api = service("api");
    const guest = service("web", { sharesWith: ["vpn", "api"] });
    const apiNow = container(api, "1");
    const vpnNow = [container(vpn, "1", { number: 2 }), container(vpn, "1")];
    const text = shown([guest, vpn, api], { web: "1", vpn: "2", api: "1" }, [apiNow, ...vpnNow]);
    expect(text.split("\n").filter((line) => line.includes("createContainer"))).toMatchInlineSnapshot(`
      [
        "7 vpn createContainer number=1 name=p-vpn-1.next finalName=p-vpn-1 image=reg:5000/vpn:latest at reg:5000/vpn@<vpn 2> pinned inherit=<vpn-1 1> networks=[] shares={} <- 3 : image moved from <vpn 1> to <vpn 2>",
        "8 vpn createContainer number=2 name=p-vpn-2.next finalName=p-vpn-2 image=reg:5000/vpn:latest at reg:5000/vpn@<vpn 2> pinned inherit=<vpn-2 1> networks=[] shares={} <- 3 : image moved from <vpn 1> to <vpn 2>",
        "9 web createContainer number=1 name=p-web-1 finalName=p-web-1 image=reg:5000/web:latest at reg:5000/web@<web 1> pinned inherit=null networks=[] shares={"api":"<api-1 1>","vpn":"#7"} <- 6 7 : no container yet",
      ]
    `);
  });
});
