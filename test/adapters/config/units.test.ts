import { describe, expect, it } from "vitest";
import { isOrigin, parseDuration, parseListen, parseSize } from "../../../src/adapters/config/units.ts";

describe("durations", () => {
  it.each([
    ["0", 0],
    ["250ms", 250],
    ["30s", 30_000],
    ["5m", 300_000],
    ["1h30m", 5_400_000],
    ["1d", 86_400_000],
  ])("%s must be %d ms", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(["", "30", "s", "-5s", "5 s", "30m1h", "5s5s", "1.5h", "25d", "999999999d", "5S", "1h\n"])(
    "%j must be refused",
    (text) => {
      expect(parseDuration(text)).toBeNull();
    },
  );
});

describe("sizes", () => {
  it.each([
    ["0", 0],
    ["10b", 10],
    ["500MB", 524_288_000],
    ["500 mb", 524_288_000],
    ["1.5GiB", 1_610_612_736],
    ["2k", 2048],
  ])("%s must be %d bytes", (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each(["", "5", "MB", "-1MB", "1ib", "1,5GB", "999999999T", "5PB"])("%j must be refused", (text) => {
    expect(parseSize(text)).toBeNull();
  });
});

describe("listen addresses", () => {
  it("must be a host and a port", () => {
    expect(parseListen("0.0.0.0:8080")).toEqual({ host: "0.0.0.0", port: 8080 });
    expect(parseListen("[::1]:0")).toEqual({ host: "::1", port: 0 });
    expect(parseListen("localhost:65535")).toEqual({ host: "localhost", port: 65535 });
  });

  it.each(["8080", ":8080", "localhost", "localhost:65536", "::1:80", "http://a:80", "a:80/x"])(
    "%s must be refused",
    (text) => {
      expect(parseListen(text)).toBeNull();
    },
  );
});

describe("the address of a mirror", () => {
  it.each(["https://mirror.lan:5000", "http://10.0.2.2", "https://[::1]:5000/", "https://mirror.lan:443"])(
    "%s must be taken",
    (text) => {
      expect(isOrigin(text)).toBe(true);
    },
  );
  it.each([
    "mirror.lan:5000",
    "ftp://mirror.lan",
    "https://mirror.lan/v2",
    "https://me:pw@mirror.lan",
    "https://mirror.lan?x",
    "https://",
  ])("%s must be refused", (text) => {
    expect(isOrigin(text)).toBe(false);
  });
});
