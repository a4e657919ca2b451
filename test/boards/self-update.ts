// The agent's own image moves on: a board must end with one agent that works, whatever the new one is worth and whenever the
// plug is pulled.
import { expect, it } from "vitest";
import { engineEvent } from "./moments.ts";
import { publishOwnImage, VERSION } from "./own-image.ts";
import type { BoardWorld } from "./world.ts";

/** The tests of one board, after those of its projects. */
export function selfUpdateTests(of: () => BoardWorld): void {
  const publish = (version: string, works = true) =>
    publishOwnImage(of().repository("boardhand"), version, works);
  const version = async () => {
    const { Config } = await of().engine<{ Config: { Labels: Record<string, string> } }>(
      "/containers/boardhand/json",
    );
    return Config.Labels[VERSION];
  };
  /** Nothing of an update is left: no updater, no retired agent. */
  const agents = () => of().listed({ name: ["^/?boardhand"] });
  const becomes = async (wanted: string) => {
    await of().comesAbout(`version ${wanted} of the agent`, version, (seen) => seen === wanted);
    await of().comesAbout("one agent", agents, (seen) => JSON.stringify(seen) === '["boardhand running"]');
    await of().agentIsWell();
    // It may have gone back meanwhile, and then stands there alone too.
    expect(await version()).toBe(wanted);
  };

  it("it must update itself when a webhook tells of its own new image", async () => {
    await publish("2");
    expect(await of().tell("boardhand")).toBe(202);
    await becomes("2");
    expect(await of().answer()).not.toBeNull();
  });

  it("it must stay what it is when its own new image cannot run", async () => {
    await publish("3", false);
    await of().tell("boardhand");
    await of().comesAbout(
      "a word about what failed",
      async () => (await of().status()).agent.selfUpdate,
      (own) => own !== null && !own.busy && own.quarantine.length > 0,
    );
    await becomes("2");
  });

  it("switched off when its old self has just stopped, it must come up as one new agent", async () => {
    const { comes } = engineEvent("die", /^boardhand[.]retired-/);
    await comes(of(), async () => {
      await publish("4");
      await of().tell("boardhand");
    });
    await of().board.cutPower();
    await of().board.powerOn();
    await becomes("4");
  });
}
