// The one error class, and the type that secrets travel in.
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { asBoardhandError, BoardhandError, Secret } from "../../../src/core/model/index.ts";

describe("an error", () => {
  it("must say its name, code and message, and that no retry helps, unless told otherwise", () => {
    const error = new BoardhandError("E_PULL", "the layer is gone");
    expect(error).toMatchObject({
      name: "BoardhandError",
      code: "E_PULL",
      message: "the layer is gone",
      retry: "never",
      hint: null,
      data: {},
    });
    expect("cause" in error).toBe(false);
  });

  it("must keep what it is given", () => {
    const cause = new Error("reset");
    const error = new BoardhandError("E_PULL", "m", {
      retry: "backoff",
      hint: "wait",
      cause,
      data: { n: 1 },
    });
    expect(error).toMatchObject({ retry: "backoff", hint: "wait", cause, data: { n: 1 } });
  });

  it("must be made of whatever was thrown, and of itself nothing new", () => {
    const own = new BoardhandError("E_PULL", "m");
    expect(asBoardhandError(own, "E_ENGINE_REFUSED", { hint: "other" })).toBe(own);
    const thrown = new Error("odd");
    const made = asBoardhandError(thrown, "E_ENGINE_REFUSED", { retry: "backoff" });
    expect(made).toMatchObject({
      code: "E_ENGINE_REFUSED",
      message: "odd",
      retry: "backoff",
      cause: thrown,
    });
    expect(asBoardhandError("text", "E_FILE")).toMatchObject({ message: "text", cause: "text" });
    expect(asBoardhandError(thrown, "E_FILE", { cause: "nearer" }).cause).toBe("nearer");
  });
});

describe("a secret", () => {
  const secret = new Secret("hunter2");

  it("must give its value only where it is revealed", () => {
    expect(secret.reveal()).toBe("hunter2");
  });

  it.each([
    ["text", `${secret}`],
    ["JSON", JSON.stringify({ secret })],
    ["console output", inspect({ deep: { secret } })],
    ["joined text", ["a", secret].join(" ")],
  ])("must be redacted in %s", (_, shown) => {
    expect(shown).toContain("[redacted]");
    expect(shown).not.toContain("hunter2");
  });
});
