// An engine that goes away and comes back: the error says so, waiting ends with its return, and leftovers block nobody.
import { readdir } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/adapters/clock/index.ts";
import { createEngine } from "../../../src/adapters/engine/index.ts";
import type { Engine } from "../../../src/ports/index.ts";
import { waitForEngine } from "../../../src/reconcile/engine-wait.ts";
import { type LabEngine, startEngine } from "../../lab/engine.ts";
import { silentLog } from "./support.ts";

const clock = systemClock();
let lab: LabEngine;
let engine: Engine;

beforeAll(async () => {
  lab = await startEngine();
  engine = createEngine({ host: lab.host, tls: null, clock, log: silentLog });
});

afterAll(async () => {
  await lab.stop();
});

describe("an engine that is lost", () => {
  it("breaks the event stream with E_ENGINE_UNAVAILABLE, is waited for, and is negotiated with anew", async () => {
    await engine.facts();
    const next = engine.events(new AbortController().signal)[Symbol.asyncIterator]().next();
    const broken = next.catch((reason: unknown) => reason);
    await lab.crash();
    expect(await broken).toMatchObject({ code: "E_ENGINE_UNAVAILABLE", retry: "backoff" });
    const refused = await engine.observe("any").catch((reason: unknown) => reason);
    expect(refused).toMatchObject({ code: "E_ENGINE_UNAVAILABLE", retry: "backoff" });

    const back = waitForEngine(engine, { clock, log: silentLog, signal: AbortSignal.timeout(60_000) });
    await lab.restart();
    expect((await back).os).toBe("linux");
    expect(await engine.observe("any")).toMatchObject({ containers: [] });
  });
});

describe("the lab's engine", () => {
  it("leaves no process, mount, interface or directory behind", async () => {
    const other = await startEngine();
    const directory = other.socket.replace(/\/[^/]+$/, "");
    const { pid } = other;
    expect(pid).not.toBeNull();
    await other.stop();
    expect(other.pid).toBeNull();
    expect(await readdir("/tmp")).not.toContain(directory.slice("/tmp/".length));
    expect(await readdir("/proc")).not.toContain(String(pid));
  });
});
