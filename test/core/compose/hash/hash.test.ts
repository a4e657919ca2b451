// The hashes must be docker compose's own, or it would recreate every container Boardhand made.
import { describe, expect, it } from "vitest";
import { compareUtf8, goString } from "../../../../src/core/compose/hash/go-json.ts";
import { goDuration, goFloat32 } from "../../../../src/core/compose/hash/go-numbers.ts";
import { composeHashes } from "../../../../src/core/compose/hash/index.ts";
import { encodeService } from "../../../../src/core/compose/hash/service.ts";
import type { ServiceSpec } from "../../../../src/core/model/index.ts";
import { RECORDED_BASICS } from "./recorded-basics.ts";
import { RECORDED_LIMITS } from "./recorded-limits.ts";

describe("composeHashes", () => {
  it.each([...RECORDED_BASICS, ...RECORDED_LIMITS])(
    "of %s must equal what docker compose 2.40.3 printed",
    (_title, spec, hash) => {
      expect(composeHashes(spec)[0]).toBe(hash);
    },
  );

  it("must differ between the dialects only where create_host_path is true or not", () => {
    const spec: ServiceSpec = {
      image: "x",
      volumes: [
        { type: "bind", source: "/a", target: "/a", bind: { create_host_path: true } },
        { type: "bind", source: "/b", target: "/b", bind: { create_host_path: false } },
        { type: "bind", source: "/c", target: "/c", bind: {} },
      ],
    };
    expect(encodeService(spec, "v2.40")).toContain('"bind":{"create_host_path":true}},');
    expect(encodeService(spec, "v5").match(/"bind":\{[^}]*\}/g)).toEqual([
      '"bind":{}',
      '"bind":{"create_host_path":false}',
      '"bind":{"create_host_path":false}',
    ]);
    const [v2, v5] = composeHashes({ image: "x" });
    expect(v2).toBe(v5);
    expect(composeHashes(spec)[0]).not.toBe(composeHashes(spec)[1]);
  });

  it("must have the volumes of others in it, and nothing that is empty or zero", () => {
    const bare = encodeService({ image: "x" }, "v2.40");
    expect(encodeService({ image: "x", volumes_from: ["a:ro"] }, "v2.40")).toBe(
      bare.replace(/}$/, ',"volumes_from":["a:ro"]}'),
    );
    const empty = { user: "", dns: [], labels: {}, cpu_shares: 0, mem_limit: 0, cpus: 0, tty: false };
    expect(encodeService({ image: "x", ...empty }, "v2.40")).toBe(bare);
    expect(encodeService({ image: "x", environment: { A: null, B: "" } }, "v2.40")).toContain(
      '"environment":{"A":null,"B":""}',
    );
  });

  it("must not depend on the order in which maps were written", () => {
    const one = composeHashes({ image: "x", environment: { b: "1", a: "2" } });
    expect(composeHashes({ image: "x", environment: { a: "2", b: "1" } })).toEqual(one);
  });
});

describe("Go's notation", () => {
  it.each([
    [0, "0s"],
    [1, "1ns"],
    [999, "999ns"],
    [1_000, "1µs"],
    [1_500, "1.5µs"],
    [1_000_000, "1ms"],
    [1_000_000_000, "1s"],
    [10_010_000, "10.01ms"],
    [500e6, "500ms"],
    [90e9, "1m30s"],
    [60e9, "1m0s"],
    [86_400e9, "24h0m0s"],
    [3_600.5e9, "1h0m0.5s"],
    [-2e9, "-2s"],
  ])("a duration of %d ns must print as %s", (nanoseconds, printed) => {
    expect(goDuration(nanoseconds)).toBe(printed);
  });

  it.each([
    [0.1, "0.1"],
    [0.75, "0.75"],
    [1.3, "1.3"],
    [2, "2"],
    [1 / 3, "0.33333334"],
    [16_777_217, "16777216"],
    [0.000_000_5, "5e-7"],
  ])("the float32 nearest to %d must print as %s", (value, printed) => {
    expect(goFloat32(value)).toBe(printed);
  });

  it("strings must escape what Go escapes for HTML and nothing else", () => {
    expect(goString('<a>&"é\u2028\u2029\n/')).toBe('"\\u003ca\\u003e\\u0026\\"é\\u2028\\u2029\\n/"');
  });

  it("keys must sort by UTF-8 bytes and not by UTF-16 units", () => {
    expect(["\u{1F600}", "\uFF5E", "b", "a", "ab", ""].sort(compareUtf8)).toEqual([
      "",
      "a",
      "ab",
      "b",
      "\uFF5E",
      "\u{1F600}",
    ]);
  });
});
