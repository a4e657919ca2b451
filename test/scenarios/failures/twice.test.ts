// Versions that fail one after the other, where the engine starts nothing again by itself.
import { expect } from "vitest";
import { expectUntouched, scenario } from "./support.ts";

const WEB = `
services:
  web: {image: REG/web, restart: "no"}
`;

scenario(
  "two failing versions in a row must both be quarantined, and leave the good one running",
  { compose: WEB },
  async (board) => {
    await board.push("web", "1");
    await board.look();
    const old = await board.container("web");
    for (const [failed, version] of ["2", "3"].entries()) {
      await board.push("web", version, failed === 0 ? "crash" : "crash-later");
      expect(await board.look()).toMatchObject({ rollout: { kind: "stalled", rolledBack: true } });
      await board.look();
      expect(board.held()).toEqual({ web: "Quarantined" });
      await expectUntouched(board, "web", old);
    }
    expect((await board.look()).quarantine).toHaveLength(2);
    await board.push("web", "4");
    expect((await board.look()).rollout.kind).toBe("idle");
    expect(await board.answer("web")).toBe("4");
  },
);

scenario(
  "versions that fail from the first one on must each be followed by the next, down to the one that works",
  { compose: WEB },
  async (board) => {
    for (const version of ["1", "2", "3"]) {
      await board.push("web", version, "crash");
      expect(await board.look()).toMatchObject({ rollout: { kind: "stalled", good: null } });
      await board.look();
      expect(board.held()).toEqual(version === "1" ? {} : { web: "Quarantined" });
    }
    await board.push("web", "4");
    expect((await board.look()).rollout.kind).toBe("idle");
    expect(await board.answer("web")).toBe("4");
    expect(await board.containers()).toHaveLength(1);
  },
);
