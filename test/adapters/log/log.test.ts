import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { createLog } from "../../../src/adapters/log/index.ts";
import { BoardhandError, Secret } from "../../../src/core/model/index.ts";

function capture(options: { readonly level?: "debug" | "info"; readonly pretty?: boolean } = {}) {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  const log = createLog({ level: options.level ?? "info", pretty: options.pretty ?? false, stream });
  return { log, lines };
}

describe("the log", () => {
  it("must be one JSON object a line, with time, level and message", () => {
    const { log, lines } = capture();
    log.warn({ project: "web", n: 3 }, "held");
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      level: 40,
      msg: "held",
      project: "web",
      n: 3,
      time: expect.stringMatching(/^\d{4}-/),
    });
  });

  it("must leave out what is below its level", () => {
    const quiet = capture();
    quiet.log.debug({}, "detail");
    expect(quiet.lines).toEqual([]);
    const loud = capture({ level: "debug" });
    loud.log.debug({}, "detail");
    expect(loud.lines).toHaveLength(1);
  });

  it.each([false, true])("must never print a secret (pretty: %s)", (pretty) => {
    const { log, lines } = capture({ pretty });
    const cause = new Error("GET https://user:hunter2@registry/v2 with Authorization: Bearer hunter2hunter2");
    log.error(
      {
        token: "hunter2",
        held: new Secret("hunter2"),
        request: {
          headers: { Authorization: "Basic hunter2", accept: "x" },
          body: { Env: ["PASSWORD=hunter2"] },
        },
        environment: { A: "hunter2" },
        credentials: { username: "u", password: "hunter2" },
        list: [{ identityToken: "hunter2" }],
        error: new BoardhandError("E_REGISTRY_AUTH", "refused at https://u:hunter2@host/", { cause }),
      },
      "failed with basic aHVudGVyMg== and https://u:hunter2@host/",
    );
    const text = lines.join("");
    expect(text).toContain("E_REGISTRY_AUTH");
    expect(text).toContain("accept");
    expect(text).not.toContain("hunter2");
    expect(text).not.toContain("aHVudGVyMg");
  });

  it("must print errors with their code, hint and cause, a bug with its stack", () => {
    const { log, lines } = capture();
    const error = new BoardhandError("E_STATE", "no room", {
      hint: "make some",
      cause: new TypeError("boom"),
    });
    log.error({ error }, "stopped");
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      error: {
        code: "E_STATE",
        message: "no room",
        hint: "make some",
        cause: { type: "TypeError", stack: expect.stringContaining("log.test") },
      },
    });
  });

  it("must survive cycles, bigints and endless texts, and let nobody forge a line or a terminal escape", () => {
    const { log, lines } = capture({ pretty: true });
    const cycle: Record<string, unknown> = { big: 5n, text: "x".repeat(100_000) };
    cycle.self = cycle;
    log.info({ cycle }, "evil\u001b[2J");
    expect(lines.join("").length).toBeLessThan(40_000);
    expect(lines.join("")).not.toContain("\u001b[2J");
  });

  it("must be readable on a terminal", () => {
    const { log, lines } = capture({ pretty: true });
    log.info({ project: "web" }, "converged");
    expect(lines.join("")).toMatch(/^\[\d\d:\d\d:\d\d\] INFO: converged \{"project":"web"\}\n$/);
  });
});
