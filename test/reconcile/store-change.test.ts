import { describe, expect, it } from "vitest";
import type { Log } from "../../src/ports/index.ts";
import { noteStore } from "../../src/reconcile/store-change.ts";
import { memoryJournal } from "./memory-journal.ts";

const nothing = (): void => undefined;
const log: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };

describe("an engine's store", () => {
  it("must be remembered, and what was seen forgotten only when it is another one", async () => {
    const journal = memoryJournal();
    const seen = { type: "seen", services: { web: "r1" } } as const;
    await journal.append("p", seen, "lazy");
    await noteStore({ store: "classic" }, { journal, log });
    await noteStore({ store: "classic" }, { journal, log });
    expect(journal.memory("p").seen).toEqual({ web: "r1" });
    await noteStore({ store: "containerd" }, { journal, log });
    expect(journal.memory("p").seen).toEqual({});
    await journal.append("p", seen, "lazy");
    await noteStore({ store: "containerd" }, { journal, log });
    expect(journal.memory("p").seen).toEqual({ web: "r1" });
  });

  it("must count as the same where what was remembered is no store", async () => {
    for (const cached of [null, "classic", { store: 7 }, {}]) {
      const journal = memoryJournal();
      await journal.append("p", { type: "seen", services: { web: "r1" } }, "lazy");
      await journal.writeCache("engine-store", cached);
      await noteStore({ store: "classic" }, { journal, log });
      expect(journal.memory("p").seen).toEqual({ web: "r1" });
    }
  });
});
