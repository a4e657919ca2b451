import { describe, expect, it } from "vitest";
import { engineName, isRepository, parseReference, readReference } from "../../../src/core/image/index.ts";

const HEX = "a".repeat(64);
const DIGEST = `sha256:${HEX}`;

describe("a reference must mean what the engine takes it to mean", () => {
  it.each([
    ["nginx", "docker.io", "library/nginx", "latest", null],
    ["my.app", "docker.io", "library/my.app", "latest", null],
    ["nginx:1.27", "docker.io", "library/nginx", "1.27", null],
    ["user/app", "docker.io", "user/app", "latest", null],
    ["docker.io/nginx", "docker.io", "library/nginx", "latest", null],
    ["index.docker.io/user/app:2", "docker.io", "user/app", "2", null],
    ["registry-1.docker.io/library/nginx", "docker.io", "library/nginx", "latest", null],
    ["localhost/app", "localhost", "app", "latest", null],
    ["localhost:5000/app:v1", "localhost:5000", "app", "v1", null],
    ["10.0.2.2:5000/a/b/c", "10.0.2.2:5000", "a/b/c", "latest", null],
    ["[::1]:5000/app", "[::1]:5000", "app", "latest", null],
    ["ghcr.io/x/y_z__q-r.s:T_1.a-b", "ghcr.io", "x/y_z__q-r.s", "T_1.a-b", null],
    ["Registry/app", "Registry", "app", "latest", null],
    [`nginx@${DIGEST}`, "docker.io", "library/nginx", null, DIGEST],
    [`ghcr.io/x/y:1.2@${DIGEST}`, "ghcr.io", "x/y", "1.2", DIGEST],
  ])("%s", (written, registry, repository, tag, digest) => {
    expect(parseReference(written)).toEqual({ written, registry, repository, tag, digest });
  });
});

describe("what the engine would refuse must be refused with the reason", () => {
  it.each([
    ["", /empty/],
    ["user/App", /upper-case/],
    ["nginx:", /not a tag/],
    [`nginx:${"t".repeat(129)}`, /not a tag/],
    ["nginx:a b", /not a tag/],
    ["a//b", /not allowed in a name/],
    ["-a/b", /not allowed in a name/],
    ["a..b/c.", /not a host|not allowed/],
    ["a___b", /not allowed in a name/],
    ["host_x:5000/app", /not a host/],
    ["localhost:/app", /not a host/],
    ["http://host/app", /not a host|not a tag|not allowed/],
    ["nginx@sha256:abc", /digest/],
    [`nginx@sha512:${HEX}${HEX}`, /digest/],
    [`nginx@sha256:${"A".repeat(64)}`, /digest/],
    [HEX, /image ID/],
    [`ghcr.io/${"a/".repeat(150)}b`, /255/],
    ["a".repeat(2000), /too long/],
  ])("%s", (written, reason) => {
    expect(() => parseReference(written)).toThrow(
      expect.objectContaining({ code: "E_COMPOSE", message: expect.stringMatching(reason) }),
    );
  });

  it("the message must not repeat a whole hostile text", () => {
    expect(() => parseReference("x".repeat(5000))).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^.{0,200}$/) }),
    );
  });
});

describe("the bounds must be those of the engine", () => {
  it("host, slash and name have 255 characters together", () => {
    const host = "ghcr.io/";
    expect(parseReference(`${host}${"a".repeat(255 - host.length)}`).repository).toHaveLength(247);
    expect(() => parseReference(`${host}${"a".repeat(256 - host.length)}`)).toThrow(/255/);
  });

  it("a name of 64 hex digits is an image ID on Docker Hub alone", () => {
    expect(parseReference(`ghcr.io/${HEX}`).repository).toBe(HEX);
  });

  it("an upper-case name without a host is refused as a name", () => {
    expect(() => parseReference("Nginx")).toThrow(/upper-case letters/);
  });
});

describe("the engine's name must be the short one that it prints itself", () => {
  it.each([
    ["nginx:1", "nginx"],
    ["docker.io/user/app", "user/app"],
    ["docker.io/library/a/b", "library/a/b"],
    ["user/library/app", "user/library/app"],
    ["localhost:5000/app@sha256:".concat(HEX), "localhost:5000/app"],
  ])("%s is %s", (written, name) => {
    expect(engineName(parseReference(written))).toBe(name);
  });
});

it("a refusal must carry the text, shortened only where it is long, and what to do", () => {
  const refusal = (written: string) => {
    try {
      parseReference(written);
    } catch (error) {
      return error;
    }
    return null;
  };
  expect(refusal("user/App")).toMatchObject({
    message: '"user/App" is not an image reference: the name has upper-case letters',
    hint: "Write it as user/app.",
    data: { reference: "user/App" },
  });
  expect(refusal("")).toMatchObject({ hint: "Write it as NAME, NAME:TAG or HOST/NAME:TAG." });
  expect(refusal("-a/b")).toMatchObject({
    hint: "Use lower-case letters, digits and single separators (. _ __ -) between them.",
  });
  expect(refusal("nginx@sha256:abc")).toMatchObject({ hint: "Copy the digest anew." });
  expect(refusal("nginx:")).toMatchObject({
    hint: "A tag has up to 128 letters, digits, dots, dashes and underscores.",
  });
  expect(refusal("host_x:5000/app")).toMatchObject({ hint: "Write the registry as HOST or HOST:PORT." });
  expect(refusal(HEX)).toMatchObject({ hint: "Give the image a name and a tag." });
  expect(refusal("a".repeat(1025))).toMatchObject({
    message: expect.stringMatching(/: it is too long$/),
    hint: "Shorten the name.",
  });
  expect(refusal("a".repeat(1024))).toMatchObject({
    message: expect.stringMatching(/: host and name are longer than 255 characters together$/),
    hint: "Shorten the name.",
  });
  const long = `${"a".repeat(120)}!`;
  expect(refusal(long)).toMatchObject({ data: { reference: `${"a".repeat(120)}…` } });
  expect(refusal(`${"a".repeat(119)}!`)).toMatchObject({ data: { reference: `${"a".repeat(119)}!` } });
});

it("a text that need not be a reference must be none, or the same as when it must be one", () => {
  expect(readReference("<none>")).toBeNull();
  expect(readReference("Nginx")).toBeNull();
  expect(readReference("nginx")).toEqual(parseReference("nginx"));
});

it("a repository must be told from a reference to something in it", () => {
  const repositories = ["app", "user/app", "localhost:5000/app", "[::1]:5000/user/app"];
  const others = [
    "app:1",
    "localhost:5000/app:1",
    `app@${DIGEST}`,
    `app:1@${DIGEST}`,
    "App",
    "",
    "app/",
    ":1",
  ];
  expect(repositories.filter(isRepository)).toEqual(repositories);
  expect(others.filter(isRepository)).toEqual([]);
});
