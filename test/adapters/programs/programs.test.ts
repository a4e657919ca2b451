import { describe, expect, it } from "vitest";
import { createPrograms } from "../../../src/adapters/programs/index.ts";
import { BoardhandError, Secret } from "../../../src/core/model/index.ts";
import type { ProgramCall } from "../../../src/ports/index.ts";
import { isAlive } from "../../support/process-state.ts";

const programs = createPrograms();
const never = new AbortController().signal;

function shell(script: string, more: Partial<ProgramCall> = {}): ProgramCall {
  return { command: "sh", args: ["-c", script], timeoutMs: 20_000, signal: never, ...more };
}

describe("a program that is run", () => {
  it("must give its status and both outputs", async () => {
    const end = await programs.run(shell("echo out; echo err >&2; exit 3"));
    expect(end).toEqual({ status: 3, timedOut: false, stdout: "out\n", stderr: "err\n" });
  });

  it("must get its input from the call alone, and an empty one without", async () => {
    expect((await programs.run(shell("cat", { input: new Secret("hush") }))).stdout).toBe("hush");
    expect((await programs.run(shell("cat"))).stdout).toBe("");
  });

  it("must survive a program that does not read its input", async () => {
    const end = await programs.run(shell("exec true", { input: new Secret("x".repeat(1 << 20)) }));
    expect(end.status).toBe(0);
  });

  it("must see the call's variables on top of our own, without those that are taken away", async () => {
    process.env.BOARDHAND_TEST_TAKEN = "yes";
    const environment = { ADDED: "a", BOARDHAND_TEST_TAKEN: undefined };
    const end = await programs.run(
      shell('echo "$ADDED/$BOARDHAND_TEST_TAKEN/$(test -n "$PATH" && echo path)"', { environment }),
    );
    delete process.env.BOARDHAND_TEST_TAKEN;
    expect(end.stdout).toBe("a//path\n");
  });

  it("must run where it is told to", async () => {
    expect((await programs.run(shell("pwd", { directory: "/usr" }))).stdout).toBe("/usr\n");
  });

  it("must hand on each line as it comes, of both outputs, however it ends", async () => {
    const lines: string[] = [];
    await programs.run(
      shell("printf 'one\\ntwo\\r\\nthree\\rfour'; echo; echo five >&2; printf six", {
        onLine: (line) => lines.push(line),
      }),
    );
    expect(lines.sort()).toEqual(["five", "four", "one", "six", "three", "two"]);
  });

  it("must put letters together that a pipe cut in two, and cut endless lines", async () => {
    const lines: string[] = [];
    const script = "printf '\\303'; sleep 0.1; printf '\\251\\n'; head -c 20000 /dev/zero | tr '\\0' x";
    await programs.run(shell(script, { onLine: (line) => lines.push(line) }));
    expect(lines[0]).toBe("é");
    expect(lines[1]?.length).toBe(4096);
    expect(lines.length).toBe(2);
  });

  it("must keep only the end of a long output", async () => {
    const end = await programs.run(shell("head -c 3000000 /dev/zero | tr '\\0' a; echo end"));
    expect(end.stdout.length).toBe(256 * 1024);
    expect(end.stdout.endsWith("aend\n")).toBe(true);
  });

  it("that is not there must be refused as E_PROGRAM", async () => {
    const call = { command: "no-such-program", args: [], timeoutMs: 1_000, signal: never };
    const error = await programs.run(call).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BoardhandError);
    expect(error).toMatchObject({ code: "E_PROGRAM", message: expect.stringContaining("no-such-program") });
  });

  it("must be ended at its deadline, with what it started, even when it does not listen", async () => {
    const started = Date.now();
    // Time enough to say who its child is, on a machine that has much else to do.
    const end = await programs.run(shell("trap '' TERM; sleep 60 & echo $!; wait", { timeoutMs: 3_000 }));
    expect(end.status).toBeNull();
    expect(end.timedOut).toBe(true);
    // Sooner than its child would have ended by itself.
    expect(Date.now() - started).toBeLessThan(60_000);
    const child = Number(end.stdout);
    expect(child).toBeGreaterThan(1);
    await expect.poll(() => isAlive(child), { timeout: 10_000 }).toBe(false);
  });

  it("must be ended when it is asked to stop", async () => {
    const stop = new AbortController();
    const running = programs.run(
      shell("echo up; exec sleep 60", { signal: stop.signal, onLine: () => stop.abort() }),
    );
    expect(await running).toMatchObject({ status: null, timedOut: false, stdout: "up\n" });
  });

  it("must not begin to work when it was asked to stop before", async () => {
    const end = await programs.run(shell("sleep 60", { signal: AbortSignal.abort() }));
    expect(end.status).toBeNull();
  });
});

describe("a program that is read", () => {
  it("must give its output as bytes", async () => {
    const end = await programs.read(shell("printf '\\377\\000\\001'"), 100);
    expect([...end.bytes]).toEqual([255, 0, 1]);
    expect(end.status).toBe(0);
  });

  it("must be ended when it says more than is wanted", async () => {
    const end = await programs.read(shell("exec cat /dev/zero"), 1000);
    expect(end.bytes.byteLength).toBe(1000);
    expect(end.status).toBeNull();
  });
});
