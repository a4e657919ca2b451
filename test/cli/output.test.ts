import { describe, expect, it } from "vitest";
import { coloursFor, formatError, formatJson, formatTable, oneLine } from "../../src/cli/output.ts";
import { BoardhandError, Secret } from "../../src/core/model/index.ts";

const plain = coloursFor({ isTTY: false }, {});
const bright = coloursFor({ isTTY: true }, {});

describe("output", () => {
  it("must line up columns, without trailing spaces", () => {
    const table = formatTable(
      ["SERVICE", "STATE"],
      [
        ["web", "up"],
        ["long-service", ""],
        ["日本", "ok"],
      ],
      plain,
    );
    expect(table).toBe("SERVICE       STATE\nweb           up\nlong-service\n日本          ok\n");
  });

  it("must let no text from outside forge a row or move the cursor", () => {
    const table = formatTable(["A"], [["x\nroot\u001b[2J\u009b1A\ty"]], plain);
    expect(table).toBe("A\nx root 1A y\n");
    expect(oneLine("\u001b[31mred\u001b[0m")).toBe("red");
  });

  it("must colour only on a terminal, and never with NO_COLOR", () => {
    expect(bright.red("x")).toBe("\u001b[31mx\u001b[39m");
    expect(plain.red("x")).toBe("x");
    expect(coloursFor({ isTTY: true }, { NO_COLOR: "1" }).red("x")).toBe("x");
    expect(coloursFor({ isTTY: true }, { NO_COLOR: "" }).bold("x")).not.toBe("x");
    expect(coloursFor({ isTTY: true }, { TERM: "dumb" }).bold("x")).toBe("x");
  });

  it("must print JSON that parses, without secrets", () => {
    expect(JSON.parse(formatJson({ n: 2n ** 60n, s: new Secret("hunter2") }))).toEqual({
      n: "1152921504606846976",
      s: "[redacted]",
    });
  });

  it("must print an error with all its lines, hint and code, or as the HTTP API does", () => {
    const error = new BoardhandError("E_CONFIG", "a.yml:1:1: x\na.yml:2:1: y", { hint: "mend it" });
    expect(formatError(error, { json: false, colours: plain })).toBe(
      "error: a.yml:1:1: x\n       a.yml:2:1: y\nhint:  mend it\ncode:  E_CONFIG\n",
    );
    expect(JSON.parse(formatError(error, { json: true, colours: plain }))).toEqual({
      error: { code: "E_CONFIG", message: "a.yml:1:1: x\na.yml:2:1: y", hint: "mend it" },
    });
    expect(formatError(new TypeError("boom"), { json: false, colours: plain })).toBe(
      "error: boom\ncode:  E_ABORTED\n",
    );
  });
});
