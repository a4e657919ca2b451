import { describe, expect, it } from "vitest";
import { type Plan, type Step, shortDigest } from "../../../src/core/model/index.ts";
import { describeStep, renderPlan } from "../../../src/core/plan/index.ts";
import { digestOf, idOf, pinned } from "../../support/builders.ts";

const common = { n: 1, service: "web", after: [], cause: "why", required: true } as const;
const id = idOf("web 1 1");
const target = { ref: id, name: "p-web-1" };
const image = pinned("web", "1");
const hex = image.platformDigest.slice(7, 19);
const at = `reg:5000/web@${hex}`;
const locate = `reg:5000/web@${image.platformDigest}`;

const ROWS: readonly (readonly [Step, string])[] = [
  [{ ...common, kind: "createNetwork", network: "front" }, "front"],
  [{ ...common, kind: "createVolume", volume: "data" }, "data"],
  [{ ...common, kind: "pullImage", image }, at],
  [{ ...common, kind: "verifyImage", image }, at],
  [{ ...common, kind: "tagImage", image: locate, reference: "web:latest" }, `${at} as web:latest`],
  [{ ...common, kind: "tagImage", image: "web:1", reference: "web:latest" }, "web:1 as web:latest"],
  [
    {
      ...common,
      kind: "createContainer",
      number: 1,
      name: "p-web-1.next",
      finalName: "p-web-1",
      image: { reference: "web", locate, pinned: image },
      inherit: null,
      networks: [],
      shares: {},
    },
    `p-web-1.next from ${at}`,
  ],
  [
    { ...common, kind: "connectNetwork", ref: id, network: "front", number: 1, finalName: "p-web-1" },
    `${id.slice(0, 12)} to front`,
  ],
  [
    { ...common, kind: "connectNetwork", ref: "#4", network: "front", number: 1, finalName: "p-web-1" },
    "#4 to front",
  ],
  [{ ...common, kind: "renameContainer", ref: id, from: "a", to: "b" }, "a -> b"],
  [{ ...common, kind: "setRestartPolicy", ...target, policy: "no" }, "p-web-1 no"],
  [{ ...common, kind: "stopContainer", ...target, graceMs: 1 }, "p-web-1"],
  [{ ...common, kind: "startContainer", ...target }, "p-web-1"],
  [{ ...common, kind: "removeContainer", ...target }, "p-web-1"],
  [
    { ...common, kind: "awaitHealthy", ...target, timeoutMs: 90_000, settleMs: 0, mayComplete: false },
    "p-web-1, 90 s",
  ],
  [
    { ...common, kind: "awaitHealthy", ...target, timeoutMs: 90_000, settleMs: 500, mayComplete: false },
    "p-web-1, 90 s, steady for 0.5 s",
  ],
  [{ ...common, kind: "awaitCompleted", ...target, timeoutMs: 1000 }, "p-web-1, 1 s"],
  [{ ...common, kind: "removeImage", image: digestOf("x") }, digestOf("x").slice(7, 19)],
];

describe("a step in words", () => {
  for (const [step, words] of ROWS) {
    it(`${step.kind} must be "${words}"`, () => {
      expect(describeStep(step)).toBe(words);
    });
  }

  it("must show digests as the twelve digits that tell them apart, and leave everything else as it is", () => {
    const digits = "0123456789abcdef";
    const words = [
      "sha256:0123456789abcdef",
      digits,
      "0123456789ab",
      "0123456789",
      "x0123456789ab",
      `${digits}g`,
    ];
    expect(words.map(shortDigest)).toEqual([
      "0123456789ab",
      "0123456789ab",
      "0123456789ab",
      "0123456789",
      "x0123456789ab",
      `${digits}g`,
    ]);
  });
});

describe("a plan in words", () => {
  const plan = (parts: Partial<Plan>): Plan => ({
    project: "p",
    steps: [],
    held: [],
    moved: [],
    jobs: [],
    notes: [],
    ...parts,
  });

  it("must be aligned in columns, with what each step waits for, holds and notes below", () => {
    const steps: readonly Step[] = [
      { ...common, service: null, kind: "createNetwork", network: "front", cause: "first" },
      { ...common, n: 2, kind: "stopContainer", ...target, graceMs: null, after: [1], cause: "second" },
      { ...common, n: 3, kind: "startContainer", ...target, after: [1, 2], cause: "third" },
    ];
    const held = [{ service: "db", reason: "Suspended", message: "later" }] as const;
    expect(renderPlan(plan({ steps, held, notes: ["look"] })).split("\n")).toEqual([
      "#1 - createNetwork     front             : first",
      "#2 web stopContainer   p-web-1 <- #1     : second",
      "#3 web startContainer  p-web-1 <- #1 #2  : third",
      "held db: Suspended: later",
      "note: look",
    ]);
  });

  it("must say so where there is nothing to do, above what is held", () => {
    const held = [{ service: "db", reason: "Suspended", message: "later" }] as const;
    expect(renderPlan(plan({}))).toBe("nothing to do");
    expect(renderPlan(plan({ held }))).toBe("nothing to do\nheld db: Suspended: later");
  });
});
