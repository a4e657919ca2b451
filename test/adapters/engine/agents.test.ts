// The agent's own containers as the engine shows them: roles, times that compare, ends and logs.
import type { IncomingMessage, ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../../src/adapters/clock/index.ts";
import { createAgents } from "../../../src/adapters/engine/index.ts";
import { AGENT } from "../../../src/core/model/index.ts";
import type { Agents, Clock } from "../../../src/ports/index.ts";
import { answer, failure, fakeEngine, type Handler } from "./fake-engine.ts";

const nothing = (): void => undefined;
const log = { debug: nothing, info: nothing, warn: nothing, error: nothing };

async function agentsOf(
  handler: Handler,
  clock: Clock = systemClock(),
): Promise<Agents & { requests: string[] }> {
  const { socket, requests } = await fakeEngine(handler);
  return { ...createAgents({ host: `unix://${socket}`, tls: null, clock, log }), requests };
}

/** Answers by path without version and query; 404 for what is not in the table. */
function serving(answers: Readonly<Record<string, unknown>>): Handler {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const path = (request.url ?? "").replace(/^\/v[\d.]+/, "").replace(/\?.*$/, "");
    const found = answers[decodeURIComponent(path)];
    answer(response, found === undefined ? 404 : 200, found ?? { message: "no such thing" });
  };
}

function inspected(id: string, role: string, state: Readonly<Record<string, unknown>> = {}) {
  return {
    Id: id,
    Name: `/${id}-name`,
    Image: "sha256:abc",
    State: { Status: "running", ExitCode: 0, Error: "", StartedAt: "2026-11-21T20:40:07.5Z", ...state },
    Config: { Image: "app:latest", Labels: { [AGENT.role]: role } },
    HostConfig: { RestartPolicy: { Name: "on-failure", MaximumRetryCount: 3 } },
  };
}

describe("the agent's own containers", () => {
  it("must be those with one of our roles, sorted by id; one that vanished is left out", async () => {
    const agents = await agentsOf(
      serving({
        "/containers/json": ["c", "a", "gone", "b"].map((Id) => ({ Id })),
        "/containers/a/json": inspected("a", "agent", {
          Status: "exited",
          ExitCode: 3,
          Error: "no such file",
        }),
        "/containers/b/json": inspected("b", "something else"),
        "/containers/c/json": inspected("c", "updater"),
      }),
    );
    expect(await agents.list()).toEqual([
      {
        id: "a",
        name: "a-name",
        role: "agent",
        state: "exited",
        exitCode: 3,
        error: "no such file",
        startedAt: "2026-11-21T20:40:07.500000000Z",
        restartPolicy: "on-failure:3",
        imageId: "sha256:abc",
        imageReference: "app:latest",
        labels: { [AGENT.role]: "agent" },
      },
      expect.objectContaining({ id: "c", role: "updater" }),
    ]);
    expect(agents.requests[1]).toBe(
      'GET /v1.41/containers/json?all=1&filters={"label":["io.boardhand.role"]}',
    );
  });

  it.each([
    ["2026-11-21T20:40:07.123456789Z", "2026-11-21T20:40:07.123456789Z"],
    ["2026-11-21T20:40:07Z", "2026-11-21T20:40:07.000000000Z"],
    ["2026-11-21T22:40:07.12+02:00", "2026-11-21T20:40:07.120000000Z"],
    ["0001-01-01T00:00:00Z", null],
    ["", null],
    ["yesterday", null],
  ])("must tell %j as %j, so that times compare as texts", async (StartedAt, expected) => {
    const agents = await agentsOf(
      serving({
        "/containers/json": [{ Id: "a" }],
        "/containers/a/json": inspected("a", "agent", { StartedAt }),
      }),
    );
    expect((await agents.list())[0]?.startedAt).toBe(expected);
  });

  it("must be told with their image, or without it when that is gone", async () => {
    const container = inspected("a", "agent");
    const image = { Id: "sha256:abc", Config: { Env: ["A=1"] } };
    const whole = await agentsOf(
      serving({ "/containers/a/json": container, "/images/sha256:abc/json": image }),
    );
    expect(await whole.blueprint("a")).toEqual({ container, image });
    expect(await whole.image("sha256:abc")).toEqual(image);
    const bare = await agentsOf(serving({ "/containers/a/json": container }));
    expect(await bare.blueprint("a")).toEqual({ container, image: null });
    expect(await bare.blueprint("b")).toBeNull();
    expect(await bare.image("sha256:abc")).toBeNull();
  });
});

describe("waiting for an end", () => {
  it("must ask until it has ended, and give its exit code", async () => {
    let looks = 0;
    const agents = await agentsOf((_, response) => {
      looks += 1;
      const state = looks < 3 ? {} : { Status: "exited", ExitCode: 7 };
      answer(response, 200, inspected("a", "preflight", state));
    });
    expect(await agents.waitForExit("a", 60_000)).toBe(7);
    expect(looks).toBe(3);
  });

  it("must give null when it still runs at its time, and the engine's words when it is gone", async () => {
    const agents = await agentsOf(serving({ "/containers/a/json": inspected("a", "preflight") }));
    expect(await agents.waitForExit("a", 250)).toBeNull();
    expect(await failure(agents.waitForExit("b", 250))).toMatchObject({
      code: "E_ENGINE_REFUSED",
      data: { status: 404 },
    });
  });
});

function frame(kind: number, text: string): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt8(kind, 0);
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}

/** Says `chunks` as the log of `a`; leaves the stream open when asked. */
function talking(
  chunks: readonly Buffer[],
  more: { readonly Tty?: boolean; readonly open?: boolean } = {},
): Handler {
  return (request, response) => {
    if (request.url?.includes("/logs") !== true) {
      answer(response, 200, { Id: "a", Config: { Tty: more.Tty ?? false } });
      return;
    }
    for (const chunk of chunks) response.write(chunk);
    if (more.open !== true) response.end();
  };
}

describe("a log", () => {
  it("must hold the end of both outputs, whole characters only, at most as many bytes as asked", async () => {
    const chunks = [frame(1, `first${"x".repeat(100)}`), frame(2, "éllast")];
    const agents = await agentsOf(talking(chunks));
    expect(await agents.logs("a", 1000)).toBe(`first${"x".repeat(100)}éllast`);
    expect(await agents.logs("a", 6)).toBe("llast");
    expect(agents.requests.at(-1)).toBe("GET /v1.41/containers/a/logs?stdout=1&stderr=1&tail=5000");
  });

  it("must be taken as it is where the container has a terminal", async () => {
    const agents = await agentsOf(
      talking([Buffer.from("plain\r\n"), Buffer.from("words\r\n")], { Tty: true }),
    );
    expect(await agents.logs("a", 1000)).toBe("plain\r\nwords");
  });

  it("that never ends must be given up as unreachable", async () => {
    let fire = nothing;
    const real = systemClock();
    // Only the log's own 30 s are cut short; the deadlines of calls are longer.
    const clock: Clock = {
      ...real,
      sleep: (ms, signal) =>
        ms === 30_000 ? new Promise((resolve) => (fire = resolve)) : real.sleep(ms, signal),
    };
    const agents = await agentsOf(talking([frame(1, "so far")], { open: true }), clock);
    const reading = failure(agents.logs("a", 1000));
    await expect.poll(() => agents.requests.at(-1)).toContain("/logs");
    fire();
    expect(await reading).toMatchObject({
      code: "E_ENGINE_UNAVAILABLE",
      message: expect.stringContaining("not read within 30 s"),
    });
  });
});
