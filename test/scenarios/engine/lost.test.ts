// An engine that goes away and comes back: the error says so, waiting ends with its return, and leftovers block nobody.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { systemClock } from "../../../src/adapters/clock/index.ts";
import { createEngine } from "../../../src/adapters/engine/index.ts";
import type { Engine } from "../../../src/ports/index.ts";
import { waitForEngine } from "../../../src/reconcile/engine-wait.ts";
import { type LabEngine, startEngine } from "../../lab/engine.ts";
import { appImage } from "../../lab/images.ts";
import { pushImage } from "../../lab/push.ts";
import { silentLog } from "./support.ts";

/** Engines that other runs may have or leave at the same time. */
const MOST_OTHERS = 4;

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

    const back = waitForEngine(engine, { clock, log: silentLog, signal: AbortSignal.timeout(180_000) });
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

  it("of a run that was killed is cleared away by the next one, with its containers", async () => {
    const abandoned = await startEngine();
    const owner = createEngine({ host: abandoned.host, tls: null, clock, log: silentLog });
    const target = { address: inject("registryAddress"), repository: "engine/left" };
    const left = await appImage({ arch: "amd64", version: "left", behaviour: "deaf" });
    const { digest } = await pushImage(target, null, left);
    const name = `${target.address}/${target.repository}`;
    const platform = { os: "linux", architecture: "amd64", variant: null };
    await owner.pullImage(
      { name, digest, platform, credentials: null },
      () => undefined,
      new AbortController().signal,
    );
    await owner.startContainer(await owner.createContainer("left", { Image: `${name}@${digest}` }, null));
    const directory = dirname(abandoned.socket);
    // As if its process had been killed: no process has this pid.
    await writeFile(join(directory, "owner"), "4194305 1");
    const before = [abandoned.pid, ...(await pidsInCgroup(basename(directory)))].map(String);
    expect(before.length).toBeGreaterThan(1);
    // Another run on this machine may take the place before this one does, or leave one that is found first.
    const next: LabEngine[] = [];
    try {
      for (let n = 0; n < MOST_OTHERS && (await areThere(before)).length > 0; n++)
        next.push(await startEngine());
      expect(await areThere(before)).toEqual([]);
    } finally {
      for (const one of next) await one.stop();
    }
  });
});

async function pidsInCgroup(name: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const pid of await readdir("/proc")) {
    const groups = await readFile(join("/proc", pid, "cgroup"), "utf8").catch(() => "");
    if (groups.includes(`/${name}/`)) found.push(pid);
  }
  return found;
}

/** Those that run. A dead process that its parent has not asked for yet has no command line. */
async function areThere(pids: readonly string[]): Promise<readonly string[]> {
  const found = pids.map(async (pid) => [
    pid,
    await readFile(join("/proc", pid, "cmdline"), "utf8").catch(() => ""),
  ]);
  return (await Promise.all(found)).flatMap(([pid = "", command]) => (command === "" ? [] : [pid]));
}
