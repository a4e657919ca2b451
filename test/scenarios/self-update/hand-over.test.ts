// An updater of Boardhand's own image hands over between two agents on a real engine; how it ended is seen from outside.
import { describe, expect, inject, it } from "vitest";
import { AGENT } from "../../../src/core/model/index.ts";
import { eventually } from "../daemon/process.ts";
import { type AgentOptions, HandOverBoard, OVER_MS, ownImage } from "./hand-over-board.ts";

const LIMIT = { timeout: 3 * OVER_MS };

async function onBoard(scenario: (board: HandOverBoard) => Promise<void>): Promise<void> {
  const board = await HandOverBoard.create();
  try {
    await scenario(board);
  } finally {
    await board.destroy();
  }
}

const shortId = (id: string): string => id.slice(0, 12);

describe("a hand-over", () => {
  it.each([
    ["unless-stopped", "published", ["--read-only"]],
    ["always", "host", ["--network", "host"]],
    ["no", "none", ["--network", "none"]],
    ["on-failure", "published", []],
  ] as const)(
    "with restart policy %s must end with the new agent (network %s)",
    LIMIT,
    (restart, network, words) =>
      onBoard(async (board) => {
        const published = ["-p", `127.0.0.1:${board.port}:8080`];
        const options = { restart, words: [...(network === "published" ? published : []), ...words] };
        // The port of the image is one for all on the host's network, so only its name tells there.
        const old = await board.agent(board.name, { version: "1", ...options });
        await board.docker("start", old);
        const next = await board.agent(`${board.name}.next`, { version: "2", ...options });
        await board.prepareFrom(old, next, restart);
        await board.start();
        expect(await board.over()).toBe(0);
        expect(await board.settled()).toEqual(["old gone", `new agent running ${restart}`]);
        if (network === "published") expect(await board.answer()).toBe("2");
        expect(await board.words()).toContain(`${board.name} is handed over`);
      }),
  );

  it.each([
    ["exits", { version: "bad", behaviour: "crash", restart: "no" }, "it ended with exit code 3"],
    ["keeps exiting", { version: "bad", behaviour: "crash", restart: "always" }, "it ended "],
    ["exits later", { version: "bad", behaviour: "crash-later" }, "it ended "],
    [
      "never becomes healthy",
      { version: "bad", health: "echo no; exit 1" },
      "it was not healthy within 15 s: no",
    ],
    [
      "has a health check that cannot be run",
      { version: "bad", behaviour: "serve", health: "/nothing/here" },
      "it was not healthy within 15 s",
    ],
  ] as const)("to an agent that %s must bring the old one back", LIMIT, (_what, bad: AgentOptions, reason) =>
    onBoard(async (board) => {
      await board.prepare({ version: "1" }, bad, { health: "15s", monitor: "10s" });
      const { successor } = board.record;
      await board.start();
      expect(await board.over()).toBe(1);
      expect(await board.settled()).toEqual([
        "old agent running unless-stopped",
        `new agent.failed-${shortId(successor)} exited no`,
      ]);
      expect(await board.answer()).toBe("1");
      expect(await board.words()).toContain(`the update of ${board.name} failed: ${reason}`);
    }),
  );

  it("to an agent that the engine cannot start must bring the old one back", LIMIT, () =>
    onBoard(async (board) => {
      const holder = await board.agent(`${board.name}.holder`, {
        version: "other",
        words: ["-p", "127.0.0.1::8080"],
      });
      await board.docker("start", holder);
      const taken = (await board.docker("port", holder, "8080/tcp")).split(":").at(-1);
      await board.prepare({ version: "1" }, { version: "2", words: ["-p", `127.0.0.1:${taken}:8080`] });
      await board.start();
      expect(await board.over()).toBe(1);
      const failed = `new agent.failed-${shortId(board.record.successor)} created no`;
      expect(await board.settled()).toEqual(["old agent running unless-stopped", failed]);
      expect(await board.answer()).toBe("1");
      expect(await board.words()).toMatch(
        /failed: The engine refused \(start container .* port is already allocated/,
      );
    }),
  );

  /** The old one has a quarter of an hour to end, which is more than is waited for here. */
  it("whose stop of the old one is never answered must go on when that one has ended", LIMIT, () =>
    onBoard(async (board) => {
      await board.prepare({ version: "1" }, { version: "2", restart: "always" });
      board.proxy.swallowAnswer(/\/stop$/);
      await board.start();
      expect(await board.over()).toBe(0);
      expect(await board.settled()).toEqual(["old gone", "new agent running always"]);
      expect(await board.answer()).toBe("2");
      expect(await board.words()).toContain(`does not say so (stop container ${board.record.old})`);
    }),
  );

  it("must start the successor when somebody has removed the old one", LIMIT, () =>
    onBoard(async (board) => {
      await board.prepare({ version: "1" }, { version: "2", restart: "always" });
      await board.docker("rm", "-f", board.record.old);
      await board.start();
      expect(await board.over()).toBe(0);
      expect(await board.settled()).toEqual(["old gone", "new agent running always"]);
      expect(await board.answer()).toBe("2");
    }),
  );

  it("must keep the old one when somebody has removed the successor", LIMIT, () =>
    onBoard(async (board) => {
      await board.prepare({ version: "1" }, { version: "2" });
      await board.docker("rm", "-f", board.record.successor);
      await board.start();
      expect(await board.over()).toBe(1);
      expect(await board.settled()).toEqual(["old agent running unless-stopped", "new gone"]);
    }),
  );

  it(
    "between agents of Boardhand's own image must end with the new one, healthy on the same port",
    LIMIT,
    () =>
      onBoard(async (board) => {
        const image = await ownImage(board.host);
        const words = [
          ...["--restart", "unless-stopped", "--network", "host", "--read-only", "--tmpfs", "/projects"],
          ...["--label", `${AGENT.role}=agent`, "-e", `BOARDHAND_HTTP__LISTEN=127.0.0.1:${board.port}`],
          ...["-v", `${inject("engineHost").replace("unix://", "")}:/var/run/docker.sock`],
          ...["-v", `${board.name}:/data`, image],
        ];
        try {
          const old = await board.docker("create", "--name", board.name, ...words);
          await board.docker("start", old);
          const healthy = async (): Promise<number> =>
            fetch(`http://127.0.0.1:${board.port}/healthz`).then(
              ({ status }) => status,
              () => 0,
            );
          await eventually(healthy, (status) => status === 200, OVER_MS);
          const next = await board.docker("create", "--name", `${board.name}.next`, ...words);
          await board.prepareFrom(old, next, "unless-stopped", { health: "200s", monitor: "1s" });
          await board.start();
          // Asked while it runs: the new agent removes its updater, sometimes before anybody has looked.
          expect(await board.docker("wait", board.updater)).toBe("0");
          await eventually(
            () => board.docker("ps", "-aq", "--filter", `name=${board.updater}`),
            (ids) => ids === "",
            OVER_MS,
          );
          expect(await board.settled()).toEqual(["old gone", "new agent running unless-stopped"]);
          await eventually(healthy, (status) => status === 200, OVER_MS);
        } finally {
          await board.destroy();
          await board.docker("volume", "rm", "-f", board.name);
        }
      }),
  );
});
