// What is done next in a hand-over, as the text that operators read.
import { describe, expect, it } from "vitest";
import {
  failureOf,
  type HandOverView,
  NOTHING_SEEN,
  nextMove,
  type Party,
  wayOf,
} from "../../src/self-update/hand-over.ts";
import { renderHandOver } from "../../src/self-update/render.ts";
import { NEW, party, view } from "./parties.ts";

const RETIRED = "boardhand.retired-aaaaaaaaaaaa";
const FAILED = "boardhand.failed-bbbbbbbbbbbb";

/** The successor as it runs under the agent's name, and the old one as it waits. */
const running: Party = party({ id: NEW, startedAt: 7 });
const waiting: Party = party({ name: RETIRED, state: "exited", restartPolicy: "no" });
const failed: Party = party({ id: NEW, name: FAILED, state: "exited", restartPolicy: "no", exitCode: 3 });
const seen = { ...NOTHING_SEEN, begun: true, startedAt: 7 };

function text(parts: Partial<HandOverView> = {}): string {
  return renderHandOver(view(parts));
}

describe("the way there", () => {
  it("must be this, and wait for nothing between the stop and the start", () => {
    expect(text()).toBe(
      [
        "#1 old renameContainer        boardhand -> boardhand.retired-aaaaaaaaaaaa",
        "#2 successor renameContainer  boardhand.next -> boardhand",
        "#3 old setRestartPolicy       boardhand.retired-aaaaaaaaaaaa no",
        "#4 old stopContainer          boardhand.retired-aaaaaaaaaaaa",
        "#5 successor startContainer   boardhand",
        "#6 successor awaitHealthy     boardhand",
        "#7 old removeContainer        boardhand.retired-aaaaaaaaaaaa",
        "#8 updater setRestartPolicy   boardhand.updater no",
      ].join("\n"),
    );
  });

  it("must go on where a crash cut it off, and start what did not come back by itself", () => {
    const stopped = { ...running, state: "exited" } as const;
    expect(text({ old: waiting, successor: stopped })).toBe(
      [
        "#1 successor startContainer  boardhand",
        "#2 successor awaitHealthy    boardhand",
        "#3 old removeContainer       boardhand.retired-aaaaaaaaaaaa",
        "#4 updater setRestartPolicy  boardhand.updater no",
      ].join("\n"),
    );
  });

  it("must be over when only the successor is left, and say nothing more once the updater may go", () => {
    expect(text({ old: null, successor: running })).toBe("#1 updater setRestartPolicy  boardhand.updater no");
    const over = view({ old: null, successor: running, updater: party({ restartPolicy: "no" }) });
    expect(renderHandOver(over)).toBe("nothing to do");
    expect(nextMove(over)).toEqual({ kind: "end", outcome: "done", failure: null });
  });

  it("must leave a proven successor alone when the old one cannot be removed", () => {
    const refused = [`removeContainer ${RETIRED}`];
    const parts = {
      old: waiting,
      successor: running,
      seen: { ...seen, proven: true, refused },
      updater: null,
    };
    expect(nextMove(view(parts))).toEqual({ kind: "end", outcome: "done", failure: null });
  });
});

describe("the way back", () => {
  it("must stop and mark the failed one, and give the old one its name and policy before it starts", () => {
    const failing = { ...seen, failure: "it was not healthy within 300 s" };
    expect(text({ old: waiting, successor: running, seen: failing })).toBe(
      [
        "#1 successor stopContainer     boardhand",
        "#2 successor renameContainer   boardhand -> boardhand.failed-bbbbbbbbbbbb",
        "#3 successor setRestartPolicy  boardhand.failed-bbbbbbbbbbbb no",
        "#4 old renameContainer         boardhand.retired-aaaaaaaaaaaa -> boardhand",
        "#5 old setRestartPolicy        boardhand unless-stopped",
        "#6 old startContainer          boardhand",
        "#7 updater setRestartPolicy    boardhand.updater no",
      ].join("\n"),
    );
  });

  it("must never turn round again, whoever asks", () => {
    const parts = { old: waiting, successor: failed };
    for (const actor of ["updater", "old", "successor"] as const) {
      expect(wayOf(view({ ...parts, actor }))).toBe("back");
    }
    expect(text({ ...parts, updater: null })).toBe(
      [
        "#1 old renameContainer   boardhand.retired-aaaaaaaaaaaa -> boardhand",
        "#2 old setRestartPolicy  boardhand unless-stopped",
        "#3 old startContainer    boardhand",
      ].join("\n"),
    );
  });

  it("must be gone by the old agent itself when nobody hands over", () => {
    const own = view({ actor: "old", updater: null });
    expect(renderHandOver(own)).toBe(
      [
        "#1 successor renameContainer   boardhand.next -> boardhand.failed-bbbbbbbbbbbb",
        "#2 successor setRestartPolicy  boardhand.failed-bbbbbbbbbbbb no",
      ].join("\n"),
    );
    const over = view({ actor: "old", updater: null, successor: failed });
    expect(nextMove(over)).toEqual({ kind: "end", outcome: "back", failure: "it failed before" });
  });

  it("must be gone by the successor as far as it can: it cannot stop itself", () => {
    const own = {
      actor: "successor",
      old: waiting,
      successor: { ...running, name: FAILED },
      updater: null,
    } as const;
    expect(text(own)).toBe(
      [
        "#1 successor setRestartPolicy  boardhand.failed-bbbbbbbbbbbb no",
        "#2 old renameContainer         boardhand.retired-aaaaaaaaaaaa -> boardhand",
        "#3 old setRestartPolicy        boardhand unless-stopped",
        "#4 old startContainer          boardhand",
      ].join("\n"),
    );
  });

  it("must do without a name that the engine refuses, rather than without an agent", () => {
    const refused = [`renameContainer ${RETIRED} -> boardhand`];
    expect(text({ old: waiting, successor: failed, updater: null, seen: { ...NOTHING_SEEN, refused } })).toBe(
      [
        "#1 old setRestartPolicy  boardhand.retired-aaaaaaaaaaaa unless-stopped",
        "#2 old startContainer    boardhand.retired-aaaaaaaaaaaa",
      ].join("\n"),
    );
  });
});

describe("a hand-over of which one is gone", () => {
  it("must keep the successor, failed or not, when the old one was removed", () => {
    expect(text({ old: null, successor: failed, updater: null })).toBe(
      [
        "#1 successor setRestartPolicy  boardhand.failed-bbbbbbbbbbbb unless-stopped",
        "#2 successor renameContainer   boardhand.failed-bbbbbbbbbbbb -> boardhand",
        "#3 successor startContainer    boardhand",
      ].join("\n"),
    );
    const kept = view({
      old: null,
      successor: running,
      updater: null,
      seen: { ...seen, failure: "it hangs" },
    });
    expect(nextMove(kept)).toEqual({ kind: "end", outcome: "alone", failure: "it hangs" });
  });

  it("must start a kept one once, and leave the rest to its policy", () => {
    const stopped = { ...running, state: "exited" } as const;
    const kept = view({ old: null, successor: stopped, updater: null, seen: { ...seen, kept: true } });
    expect(nextMove(kept)).toMatchObject({ kind: "end", outcome: "alone" });
  });

  it.each(["removing", "dead", null] as const)(
    "must bring the old one back when the successor is %s",
    (state) => {
      const successor = state === null ? null : { ...running, state };
      expect(text({ old: waiting, successor, updater: null })).toBe(
        [
          "#1 old renameContainer   boardhand.retired-aaaaaaaaaaaa -> boardhand",
          "#2 old setRestartPolicy  boardhand unless-stopped",
          "#3 old startContainer    boardhand",
        ].join("\n"),
      );
    },
  );

  it("must end when both are", () => {
    expect(nextMove(view({ old: null, successor: null, updater: null }))).toEqual({
      kind: "end",
      outcome: "none",
      failure: "both are gone",
    });
  });
});

describe("a successor", () => {
  it.each([
    ["that never ran", view(), null],
    ["that runs", view({ successor: running, seen }), null],
    ["that the last boot did not bring back", view({ successor: { ...running, state: "exited" } }), null],
    ["that ended", view({ successor: { ...failed, name: "boardhand" }, seen }), "it ended with exit code 3"],
    [
      "that was started again",
      view({ successor: { ...running, startedAt: 8, exitCode: 1 }, seen }),
      "it ended and was started again",
    ],
    [
      "that keeps ending",
      view({ successor: { ...running, state: "restarting", exitCode: 139 } }),
      "it ended with exit code 139 and is started again and again",
    ],
    ["that failed before", view({ successor: failed }), "it failed before"],
    ["that is gone", view({ successor: null }), "it is gone"],
  ])("%s must count as failed only where it is", (_what, given, failure) => {
    expect(failureOf(given)).toBe(failure);
  });
});
