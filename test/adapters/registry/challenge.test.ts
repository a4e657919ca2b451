import { describe, expect, it } from "vitest";
import { parseChallenge } from "../../../src/adapters/registry/challenge.ts";
import { endpointOf } from "../../../src/adapters/registry/endpoint.ts";

describe("a challenge must be read as registries write it", () => {
  const bearer = (realm: string, service: string | null, scope: string | null) => ({
    kind: "bearer",
    realm,
    service,
    scope,
  });
  it.each([
    [
      'Bearer realm="https://a/t",service="s",scope="repository:x/y:pull,push"',
      bearer("https://a/t", "s", "repository:x/y:pull,push"),
    ],
    ["bearer realm=https://a/t", bearer("https://a/t", null, null)],
    ['Basic realm="x", Bearer realm="https://a/t"', bearer("https://a/t", null, null)],
    ['BASIC realm="x"', { kind: "basic" }],
    ["Basic", { kind: "basic" }],
    ['Bearer realm="not a url"', null],
    ['Bearer service="s"', null],
    ["Negotiate", null],
    [null, null],
  ])("%s", (header, expected) => {
    expect(parseChallenge(header)).toEqual(expected);
  });
});

describe("plain HTTP must be for loopback and the named hosts alone", () => {
  it.each([
    ["docker.io", "https://registry-1.docker.io"],
    ["ghcr.io", "https://ghcr.io"],
    ["localhost:5000", "http://localhost:5000"],
    ["127.0.0.2:5000", "http://127.0.0.2:5000"],
    ["[::1]:5000", "http://[::1]:5000"],
    ["127.0.0.1.example.org", "https://127.0.0.1.example.org"],
    ["10.0.2.2:5000", "http://10.0.2.2:5000"],
    ["10.0.2.2:5001", "https://10.0.2.2:5001"],
    ["nas:5001", "http://nas:5001"],
  ])("%s is %s", (host, origin) => {
    expect(endpointOf(host, ["10.0.2.2:5000", "nas"]).origin).toBe(origin);
  });
});
