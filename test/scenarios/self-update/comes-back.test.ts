// A version that cannot do the work never gets it, or gives it back; and is not tried again.
import { describe, expect, it, vi } from "vitest";
import { eventually } from "../daemon/process.ts";
import { type Own, UPDATE_MS, withOwn } from "./own.ts";

vi.setConfig({ testTimeout: 2 * UPDATE_MS });

let own: Own;
withOwn((made) => {
  own = made;
});

/** An entry point whose `run` is another: everything else of the version is as it should be. */
const runs = (what: string): readonly string[] => [
  `RUN printf '%s\\n' '#!/bin/sh' 'case "$1" in run) ${what};; *) exec boardhand "$@";; esac' > /entry && chmod +x /entry`,
  'ENTRYPOINT ["/entry"]',
  'CMD ["run"]',
];

interface Case {
  readonly what: string;
  readonly lines: readonly string[];
  readonly reason: RegExp;
  /** Waited for in full by what never gets well. */
  readonly healthTimeout?: string;
}

const CASES: readonly Case[] = [
  { what: "exits", lines: runs("echo cannot go on >&2; exit 3"), reason: /exit code 3.*cannot go on/ },
  {
    what: "hangs",
    lines: runs("exec sleep 1000"),
    reason: /not healthy within/,
    healthTimeout: "5s",
  },
  {
    what: "never becomes healthy",
    lines: runs("BOARDHAND_DOCKER__HOST=unix:///nowhere.sock exec boardhand run"),
    reason: /not healthy within/,
    healthTimeout: "5s",
  },
  {
    what: "cannot read the state",
    lines: runs("BOARDHAND_STATE=/etc/hostname exec boardhand run"),
    reason: /not healthy within.*\/etc\/hostname/,
    // It has to come as far as saying so.
    healthTimeout: "20s",
  },
  {
    what: "fails its pre-flight check",
    lines: ["ENV BOARDHAND_STATE=/etc/hostname"],
    reason: /pre-flight.*state/,
  },
  {
    what: "is built for another processor than it says",
    // An ELF header of a processor that there is not.
    lines: [
      "RUN printf '\\177ELF\\002\\001\\001\\000\\000\\000\\000\\000\\000\\000\\000\\000\\002\\000\\377\\376\\001\\000\\000\\000%048d' 0 > /entry && chmod +x /entry",
      'ENTRYPOINT ["/entry"]',
    ],
    reason: /pre-flight.*exec format error/,
  },
  {
    what: "does not know what an updater is",
    lines: [
      `RUN printf '%s\\n' '#!/bin/sh' 'case "$1" in updater) exit 2;; *) exec boardhand "$@";; esac' > /entry && chmod +x /entry`,
      'ENTRYPOINT ["/entry"]',
      'CMD ["run"]',
    ],
    reason: /exit code 2/,
  },
];

describe("a version that", () => {
  it.each(CASES.map((one, index) => ({ ...one, name: `bhback-${index}` })))(
    "$what must leave the board with the old one, and must not be tried again",
    async ({ name, lines, reason, healthTimeout }) => {
      const image = own.name();
      await own.publish(image, "1", [], true);
      const before = await start(name, image, healthTimeout);
      await own.publish(image, "2", lines);
      expect(await own.becomesHeld(name, "Quarantined")).toMatch(reason);
      const after = await eventually(
        async () => ({ found: await own.container(name), names: await own.names(name) }),
        ({ names }) => names.length === 1,
      );
      expect(after.found).toMatchObject({
        Id: before,
        State: { Status: "running" },
        HostConfig: { RestartPolicy: { Name: "unless-stopped" } },
      });
      const kept = await own.docker.inspect("image", `${image}:latest`);
      expect(kept.Id).toBe(after.found?.Image);
    },
  );

  it("failed must be followed by the next one that its tag means", async () => {
    const name = "bhback-next";
    const image = own.name();
    await own.publish(image, "1", [], true);
    await start(name, image);
    await own.publish(image, "2", ["ENV BOARDHAND_STATE=/etc/hostname"]);
    await own.becomesHeld(name, "Quarantined");
    await own.publish(image, "3");
    await own.becomes(name, "3");
  });
});

/** Returns the id. */
function start(name: string, image: string, healthTimeout = "120s"): Promise<string> {
  return own.start(name, image, { config: { rollout: { monitor: "1s", health_timeout: healthTimeout } } });
}
