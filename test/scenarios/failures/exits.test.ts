import { describe, expect } from "vitest";
import type { World } from "../world.ts";
import { expectUntouched, lookIdly, pushScript, ROLLOUT, SERVE, scenario } from "./support.ts";

const web = (restart: string) => `
services:
  web:
    image: REG/web
    restart: ${restart}
`;

/** Version 1 serves; what `push` publishes must be rolled back, refused from then on, and leave nothing behind. */
async function mustGoBack(board: World, push: () => Promise<string>): Promise<void> {
  await board.push("web", "1");
  await board.look();
  const old = await board.container("web");
  const bad = await push();
  const memory = await board.look();
  expect(memory.rollout).toMatchObject({ kind: "stalled", rolledBack: true });
  expect(memory.quarantine).toMatchObject([{ service: "web", platformDigest: bad, definitionHash: null }]);
  await expectUntouched(board, "web", old);
  expect(await board.answer("web")).toBe("1");
  await lookIdly(board);
  await board.restart();
  await board.look();
  await expectUntouched(board, "web", old);
  expect(board.held()).toEqual({ web: "Quarantined" });
}

describe("a release that ends at once", () => {
  for (const restart of ["no", "unless-stopped", "on-failure:2"]) {
    for (const [behaviour, code] of [
      ["exit", 0],
      ["crash", 3],
    ] as const) {
      scenario(
        `with exit code ${code} and restart: ${restart} must be rolled back to the same container`,
        { compose: web(JSON.stringify(restart)) },
        (board) => mustGoBack(board, () => board.push("web", "bad", behaviour)),
      );
    }
  }
});

describe("a release that fails inside the monitor window", () => {
  const config = { rollout: { ...ROLLOUT, monitorMs: 6000 } };

  scenario(
    "because it restarts again and again must not count as running, whatever its state at one moment",
    { compose: web("unless-stopped"), config },
    (board) =>
      mustGoBack(board, () => pushScript(board, "web", { version: "bad", script: "sleep 0.7; exit 1" })),
  );

  for (const restart of ["no", "unless-stopped"]) {
    scenario(
      `because it crashes later, with restart: ${restart}, must be rolled back`,
      { compose: web(JSON.stringify(restart)), config },
      (board) => mustGoBack(board, () => board.push("web", "bad", "crash-later")),
    );
  }

  scenario(
    "because it was healthy and turns unhealthy must be rolled back",
    { compose: web("unless-stopped"), config },
    (board) =>
      mustGoBack(board, () =>
        pushScript(board, "web", {
          version: "bad",
          script: `(sleep 1; touch /tmp/sick) & ${SERVE}`,
          config: {
            Healthcheck: {
              Test: ["CMD-SHELL", "test ! -e /tmp/sick"],
              Interval: 200_000_000,
              Timeout: 2_000_000_000,
              Retries: 1,
            },
          },
        }),
      ),
  );
});
