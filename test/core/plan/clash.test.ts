import { describe, expect, it } from "vitest";
import { clash } from "../../../src/core/plan/ports.ts";

describe("two host ports", () => {
  for (const [a, b] of [
    [":80/tcp", ":80/tcp"],
    ["0.0.0.0:80/tcp", "10.0.0.1:80/tcp"],
    [":::80/tcp", "10.0.0.1:80/tcp"],
    [":80/tcp", "127.0.0.1:80/tcp"],
    ["10.0.0.1:80/tcp", "10.0.0.1:80/tcp"],
    ["fd00::1:80/tcp", ":80/tcp"],
  ] as const) {
    it(`${a} and ${b} must clash`, () => {
      expect([clash(a, b), clash(b, a)]).toEqual([true, true]);
    });
  }

  for (const [a, b] of [
    [":80/tcp", ":80/udp"],
    [":80/tcp", ":180/tcp"],
    ["0.0.0.0:80/tcp", ":::81/tcp"],
    ["10.0.0.1:80/tcp", "10.0.0.2:80/tcp"],
    ["fd00::1:80/tcp", "10.0.0.1:80/tcp"],
    ["10.0.0.1:80/tcp", "10.0.0.1:81/tcp"],
  ] as const) {
    it(`${a} and ${b} must not clash`, () => {
      expect([clash(a, b), clash(b, a)]).toEqual([false, false]);
    });
  }
});
