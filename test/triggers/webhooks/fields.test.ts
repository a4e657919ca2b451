// Looking into what a stranger wrote.
import { expect, it } from "vitest";
import { at, hostOfUrl, splitImage } from "../../../src/triggers/webhooks/fields.ts";

it.each([
  ["an inherited key", {}, ["toString"]],
  ["a key below an inherited one", {}, ["constructor", "name"]],
  ["the prototype", {}, ["__proto__"]],
  ["a key of a text", "text", ["length"]],
  ["a key of null", null, ["a"]],
  ["a key below a number", { a: 1 }, ["a", "b"]],
])("%s must be nothing", (_what, value, path) => {
  expect(at(value, ...path)).toBeUndefined();
});

it("a key that is named like the prototype's must be read as any other", () => {
  expect(at(JSON.parse('{"__proto__":{"tag":"x"}}'), "__proto__", "tag")).toBe("x");
});

it.each([
  ["ghcr.io/a/b:1", "ghcr.io", "a/b"],
  ["host:5000/a/b", "host:5000", "a/b"],
  ["host:5000/a/b:", "host:5000", "a/b"],
  ["host/a:1@sha256:00", "host", "a"],
  ["[::1]:5000/a:1", "[::1]:5000", "a"],
  ["alpine:3", null, "alpine"],
  ["/a", null, "/a"],
  ["", null, ""],
])("%j must be on %j and named %j", (image, host, name) => {
  expect(splitImage(image)).toEqual({ host, name });
});

it.each([
  ["https://git.example.org/a", "git.example.org"],
  ["https://git.example.org:443/a", "git.example.org"],
  ["http://git.example.org:3000", "git.example.org:3000"],
  ["https://user:word@git.example.org/a", "git.example.org"],
  ["git.example.org/a", null],
  ["mailto:a@b", null],
  ["", null],
])("the host of %j must be %j", (url, host) => {
  expect(hostOfUrl(url)).toBe(host);
});
