// A board without a clock chip: the agent runs under a clock that is years off and is set while it runs, in both
// directions (libfaketime; the monotonic clock stays true, as it does on a board).
import { existsSync, readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, inject, it } from "vitest";
import type { Daemon } from "../daemon/daemon.ts";
import { eventually } from "../daemon/process.ts";
import { daemon, EACH_SECOND, heldFor, project } from "../daemon/support.ts";
import { FAILING_PROBE } from "../probes.ts";
import { type CountingProxy, countingProxy } from "../registry/support.ts";

const MONITOR_MS = 8000;
const YEARS_AGO = "-20000d";
const NOW = "+0";
const IN_YEARS = "+20000d";
/** Of them none, or one too many where a tick falls on the jump. */
const SECONDS = 6;

interface Seen {
  readonly rollout: { readonly state: string };
  readonly lastLookAt: string | null;
}
const seenOf = async (made: Daemon) => (await project(made)) as unknown as Seen;

const comesToState = (made: Daemon, state: string) =>
  eventually(
    () => seenOf(made),
    (seen) => seen.rollout.state === state,
  );

const comesToRefuse = (made: Daemon) =>
  eventually(
    () => heldFor(made),
    (reason) => reason === "Quarantined",
  );

const pushBad = (made: Daemon) => made.world.push("web", "bad", "serve", { healthcheck: FAILING_PROBE });

const year = async (made: Daemon): Promise<number> => Number((await seenOf(made)).lastLookAt?.slice(0, 4));

/** An agent in YEARS_AGO, with version 1 of its service; its requests to the registry are counted. */
class OldBoard {
  readonly made: Daemon;
  readonly proxy: CountingProxy;
  readonly #library: string;

  private constructor(made: Daemon, proxy: CountingProxy, library: string) {
    this.made = made;
    this.proxy = proxy;
    this.#library = library;
  }

  static async start(): Promise<OldBoard> {
    const library = readdirSync("/usr/lib")
      .map((triplet) => `/usr/lib/${triplet}/faketime/libfaketimeMT.so.1`)
      .find(existsSync);
    if (library === undefined) throw new Error("libfaketime is not here: install Debian's package faketime");
    const proxy = await countingProxy(inject("registryAddress"));
    const rollout = { order: "stop-first", monitorMs: MONITOR_MS, failureAction: "rollback" } as const;
    const config = { rollout: { ...rollout, healthTimeoutMs: 30_000 } };
    const made = await daemon({ compose: "services: {}\n", config }, EACH_SECOND);
    const image = `${proxy.address}/${made.world.project}/web`;
    await made.world.writeCompose(`services:\n  web: {image: ${image}, restart: unless-stopped}\n`);
    const board = new OldBoard(made, proxy, library);
    await made.world.push("web", "1");
    await board.startAt(YEARS_AGO);
    await made.comesToAnswer("web", "1");
    await comesToState(made, "idle");
    expect(await year(made)).toBeLessThan(1980);
    return board;
  }

  get #clock(): string {
    return join(this.made.world.directory, "../../clock");
  }

  async startAt(offset: string): Promise<void> {
    await writeFile(this.#clock, `${offset}\n`);
    await this.made.start({
      LD_PRELOAD: this.#library,
      FAKETIME_TIMESTAMP_FILE: this.#clock,
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      DONT_FAKE_MONOTONIC: "1",
      NO_FAKE_STAT: "1",
    });
  }

  /** Resolves when the agent has looked under the new time. */
  async set(offset: string): Promise<void> {
    await writeFile(this.#clock, `${offset}\n`);
    const days = Number(offset.replace("d", ""));
    const shown = new Date(Date.now() + days * 86_400_000).getUTCFullYear();
    await eventually(
      () => year(this.made),
      (seen) => Math.abs(seen - shown) <= 1,
    );
  }
}

/** Resolves with a time at which it had not begun yet, the last that is known. */
async function windowBegins(made: Daemon): Promise<number> {
  let [before, now] = [performance.now(), performance.now()];
  await eventually(
    () => {
      [before, now] = [now, performance.now()];
      return seenOf(made);
    },
    (seen) => seen.rollout.state === "monitoring",
  );
  return before;
}

/** In the middle of a window, forward and back again: it lasts as long as it would have. */
async function windowsLast(board: OldBoard): Promise<void> {
  const { made } = board;
  for (const [version, offset] of [
    ["2", NOW],
    ["3", YEARS_AGO],
  ] as const) {
    await made.world.push("web", version);
    const before = await windowBegins(made);
    await board.set(offset);
    const waits = (await made.world.containers()).some((c) => c.name.includes(".retired-"));
    // On a machine that took longer than the window nothing is left to be seen of it.
    if (performance.now() - before < MONITOR_MS) expect(waits).toBe(true);
    await comesToState(made, "idle");
    expect(performance.now() - before).toBeGreaterThan(MONITOR_MS - 500);
    expect(await made.answer("web")).toBe(version);
  }
}

/** What was refused stays so, and looks come as often as before: neither none nor a storm. */
async function refusalStays(board: OldBoard): Promise<void> {
  const { made, proxy } = board;
  await pushBad(made);
  await comesToRefuse(made);
  const kept = await made.world.container("web");
  for (const offset of [NOW, IN_YEARS, YEARS_AGO, NOW]) {
    const before = proxy.seen.length;
    const at = performance.now();
    await board.set(offset);
    await delay(SECONDS * 1000);
    const passed = (performance.now() - at) / 1000;
    const asked = proxy.seen.slice(before).filter((line) => line.startsWith("HEAD ")).length;
    expect(asked, `looks after ${offset}`).toBeLessThan(passed + SECONDS);
    expect(asked, `looks after ${offset}`).toBeGreaterThan(0);
    expect(await heldFor(made), offset).toBe("Quarantined");
    expect((await made.world.container("web")).id, offset).toBe(kept.id);
  }
}

it("an agent whose clock is set by years must miss nothing, repeat nothing and believe nothing too early", async () => {
  const board = await OldBoard.start();
  const { made } = board;
  try {
    await windowsLast(board);
    await refusalStays(board);
    for (const [offset, version] of [
      [IN_YEARS, "4"],
      [YEARS_AGO, "5"],
    ] as const) {
      await made.end();
      await board.startAt(offset);
      await comesToRefuse(made);
      await made.world.push("web", version);
      await made.comesToAnswer("web", version);
      await comesToState(made, "idle");
      await pushBad(made);
      await comesToRefuse(made);
    }
    // Made in what was the future, and long ago: the one before is the one that was written before.
    expect((await made.command("rollback", made.world.project)).stderr).toBe("");
    expect(await made.answer("web")).toBe("4");
    const { body } = await made.get(`/api/v1/projects/${made.world.project}/history`);
    const { entries } = body as { entries: { seq: number }[] };
    expect(entries.length).toBeGreaterThan(20);
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, n) => (entries[0]?.seq ?? 0) - n));
  } finally {
    await board.proxy.stop();
  }
});
