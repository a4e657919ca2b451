// The state directory of a running agent is damaged, read-only, full or gone: it runs, says so, keeps the service up, and
// does nothing that what cannot be read may have forbidden.
import { execFileSync } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { encodeLine } from "../../../src/adapters/journal/line.ts";
import { EMPTY_MEMORY } from "../../../src/core/model/index.ts";
import type { Daemon } from "../daemon/daemon.ts";
import { eventually } from "../daemon/process.ts";
import { daemon, EACH_SECOND, heldFor, project, WEB } from "../daemon/support.ts";
import { FAILING_PROBE } from "../probes.ts";

const mounted: string[] = [];
afterEach(() => {
  for (const path of mounted.splice(0)) execFileSync("umount", ["-l", path]);
});

/** Version 1 runs; the state directory is a file system of its own where `size` is given. */
async function board(size: string | null = null): Promise<Daemon> {
  const made = await daemon({ compose: WEB }, EACH_SECOND);
  if (size !== null) {
    await mkdir(made.world.state, { recursive: true });
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", made.world.state]);
    mounted.push(made.world.state);
  }
  await made.world.push("web", "1");
  await made.start();
  await made.comesToAnswer("web", "1");
  await made.settles();
  return made;
}

const isHeldFor = (made: Daemon, reason: string) =>
  eventually(
    () => heldFor(made),
    (seen) => seen === reason,
  );

/** A few looks later nothing has been made, stopped or started. */
async function staysAsItIs(made: Daemon): Promise<void> {
  const picture = async () => (await made.world.containers()).map((c) => `${c.id} ${c.state} ${c.startedAt}`);
  const before = await picture();
  const lookAt = async () => ((await project(made)) as unknown as { lastLookAt: string }).lastLookAt;
  let last = await lookAt();
  for (let n = 0; n < 3; n += 1) {
    const next = await eventually(lookAt, (seen) => seen !== last);
    last = next;
  }
  expect(await picture()).toEqual(before);
}

const journalOf = (made: Daemon) => join(made.world.state, "journal", `${made.world.project}.ndjson`);

describe("an agent whose state directory", () => {
  it("has lost a refusal must not try again what was refused, until a person says so", async () => {
    const made = await board();
    await made.world.push("web", "bad", "serve", { healthcheck: FAILING_PROBE });
    await isHeldFor(made, "Quarantined");
    await made.settles();
    await made.end();
    const lines = (await readFile(journalOf(made), "utf8")).split("\n");
    const at = lines.findIndex((line) => line.includes('"type":"quarantine"'));
    expect(at).toBeGreaterThan(0);
    await writeFile(
      journalOf(made),
      lines.map((line, n) => (n === at ? line.replace("sha", "shb") : line)).join("\n"),
    );
    await made.start();
    await isHeldFor(made, "StateUnreadable");
    await staysAsItIs(made);
    expect(await made.answer("web")).toBe("1");
    const { conditions } = (await project(made)) as unknown as {
      conditions: { type: string; reason: string }[];
    };
    expect(conditions.find((c) => c.type === "Stalled")?.reason).toBe("StateUnreadable");
    expect(made.said).toContain(`line ${at + 1} cannot be read`);
    const doctor = await made.command("doctor");
    expect([doctor.code, doctor.stdout]).toEqual([1, expect.stringContaining(`line ${at + 1}`)]);
    expect((await made.command("resume", made.world.project)).code).toBe(0);
    await isHeldFor(made, "Quarantined");
    expect(await made.answer("web")).toBe("1");
  });

  it("was written by a newer version must leave file and service as they are", async () => {
    const made = await board();
    await made.end();
    const { project: name } = made.world;
    const line = encodeLine({ format: 99, seq: 1, at: 0, project: name, memory: EMPTY_MEMORY });
    await writeFile(journalOf(made), line);
    await made.world.push("web", "2");
    await made.start();
    await isHeldFor(made, "StateUnreadable");
    await staysAsItIs(made);
    expect(await made.answer("web")).toBe("1");
    expect(await readFile(journalOf(made), "utf8")).toBe(line);
    expect((await made.get("/healthz")).status).toBe(503);
    await rm(journalOf(made));
    await made.comesToAnswer("web", "2");
  });

  it("is mounted read-only must run, say so and change nothing, and go on when it is writable", async () => {
    const made = await board("1m");
    await made.end();
    execFileSync("mount", ["-o", "remount,ro", made.world.state]);
    await made.world.push("web", "2");
    await made.start();
    await isHeldFor(made, "StateUnreadable");
    await staysAsItIs(made);
    expect(await made.answer("web")).toBe("1");
    expect((await made.get("/healthz")).body).toMatchObject({ reasons: [expect.stringContaining("EROFS")] });
    expect((await made.command("doctor")).code).toBe(1);
    execFileSync("mount", ["-o", "remount,rw", made.world.state]);
    await made.comesToAnswer("web", "2");
    await eventually(
      () => made.get("/healthz"),
      ({ status }) => status === 200,
    );
  });

  it("fills up in the middle of a rollout that fails must bring the old container back", async () => {
    const made = await board("512k");
    const old = await made.world.container("web");
    // Fails for long enough that nobody misses the new container.
    const healthcheck = { ...FAILING_PROBE, Interval: 1_000_000_000, Retries: 10 };
    await made.world.push("web", "bad", "serve", { healthcheck });
    await eventually(
      () => made.world.containers(),
      (seen) => seen.some(({ id, state }) => id !== old.id && state === "running"),
    );
    const filler = join(made.world.state, "filler");
    execFileSync("sh", ["-c", `dd if=/dev/zero of='${filler}' bs=4k 2>/dev/null || true`]);
    await eventually(
      async () => (await made.world.containers()).map((c) => `${c.id} ${c.state}`),
      (seen) => seen.length === 1 && seen[0] === `${old.id} running`,
    );
    expect(await made.answer("web")).toBe("1");
    expect(made.process?.hasEnded).toBe(false);
    await rm(filler);
    await isHeldFor(made, "Quarantined");
    await made.settles();
    await made.end();
    expect(await readFile(journalOf(made), "utf8")).toContain("quarantine");
    await made.start();
    await isHeldFor(made, "Quarantined");
  });

  it("is lost while it runs must make it again, with the refusals in it", async () => {
    const made = await board();
    await made.world.push("web", "bad", "serve", { healthcheck: FAILING_PROBE });
    await isHeldFor(made, "Quarantined");
    await made.settles();
    await rm(made.world.state, { recursive: true });
    await staysAsItIs(made);
    await isHeldFor(made, "Quarantined");
    await made.world.push("web", "2");
    await made.comesToAnswer("web", "2");
    await made.settles();
    await made.world.push("web", "bad", "serve", { healthcheck: FAILING_PROBE });
    await isHeldFor(made, "Quarantined");
    await made.end();
    await made.start();
    await isHeldFor(made, "Quarantined");
    expect(await made.answer("web")).toBe("2");
  });
});
