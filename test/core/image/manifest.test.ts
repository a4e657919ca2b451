import { describe, expect, it } from "vitest";
import {
  chooseEntry,
  configFits,
  configPlatform,
  DOCKER_LIST,
  DOCKER_MANIFEST,
  describePlatforms,
  type ImageIndex,
  OCI_INDEX,
  OCI_MANIFEST,
  parseManifest,
  parsePlatform,
  platformVector,
} from "../../../src/core/image/index.ts";

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const entry = (letter: string, platform: string | null, extra: object = {}) => {
  const [os, architecture, variant] = (platform ?? "").split("/");
  return {
    mediaType: OCI_MANIFEST,
    digest: digest(letter),
    size: 1,
    ...(platform === null
      ? {}
      : { platform: { os, architecture, ...(variant === undefined ? {} : { variant }) } }),
    ...extra,
  };
};
const index = (...manifests: object[]) =>
  parseManifest(OCI_INDEX, { schemaVersion: 2, mediaType: OCI_INDEX, manifests }) as ImageIndex;
const accepts = (text: string) => platformVector(parsePlatform(text));
const image = {
  config: { digest: digest("c"), mediaType: "x/y" },
  layers: [{ digest: digest("d"), size: 7 }],
};

describe("a manifest must be read whatever the registry left out", () => {
  it.each([
    ["index by its own media type", "text/plain", { mediaType: OCI_INDEX, manifests: [] }, OCI_INDEX],
    ["list by the header", DOCKER_LIST, { manifests: [] }, DOCKER_LIST],
    ["index by its shape", "application/json", { manifests: [] }, OCI_INDEX],
    ["list by its shape", "application/vnd.docker.what", { manifests: [] }, DOCKER_LIST],
    ["manifest by its own media type", "", { mediaType: DOCKER_MANIFEST, ...image }, DOCKER_MANIFEST],
    ["manifest by its shape", "", image, OCI_MANIFEST],
  ])("%s", (_, header, body, mediaType) => {
    expect(parseManifest(header, body).mediaType).toBe(mediaType);
  });

  it("layers must carry digest and size, a nonsense size counting nothing", () => {
    const layers = [
      { digest: digest("d"), size: 7 },
      { digest: digest("e"), size: -1 },
    ];
    expect(parseManifest(OCI_MANIFEST, { ...image, layers })).toMatchObject({
      kind: "image",
      configDigest: digest("c"),
      configMediaType: "x/y",
      layers: [{ size: 7 }, { size: 0 }],
    });
  });
});

describe("what cannot be run must be refused, not guessed at", () => {
  it("schema 1", () => {
    expect(() => parseManifest("application/vnd.docker.distribution.manifest.v1+prettyjws", {})).toThrow(
      /schema 1/,
    );
    expect(() => parseManifest("application/json", { schemaVersion: 1, fsLayers: [] })).toThrow(/schema 1/);
  });
  it.each([
    ["null", OCI_INDEX, null, "the manifest is not a JSON object"],
    ["a list", OCI_INDEX, [], "the manifest is not a JSON object"],
    ["an index without entries", OCI_INDEX, {}, "the manifest has no list of entries"],
    [
      "an entry that is no object",
      OCI_INDEX,
      { manifests: [entry("a", null), 1] },
      "entry 2 of the index is not an object",
    ],
    ["an entry that is null", OCI_INDEX, { manifests: [null] }, "entry 1 of the index is not an object"],
    [
      "an entry without a digest",
      OCI_INDEX,
      { manifests: [{}] },
      "the digest of entry 1 of the index is not a sha256 digest",
    ],
    [
      "a digest that climbs",
      OCI_INDEX,
      { manifests: [{ digest: "../../x" }] },
      "the digest of entry 1 of the index is not a sha256 digest",
    ],
    [
      "a digest in a list",
      OCI_INDEX,
      { manifests: [{ digest: [digest("a")] }] },
      "the digest of entry 1 of the index is not a sha256 digest",
    ],
    [
      "10 000 entries",
      OCI_INDEX,
      { manifests: Array(10_000).fill(entry("a", "linux/arm64")) },
      "the manifest has 10000 entries, more than 1000",
    ],
    [
      "an artifact",
      "application/vnd.cncf.helm+json",
      {},
      '"application/vnd.cncf.helm+json" is not a manifest that can be run',
    ],
    [
      "an artifact by its own word",
      "text/plain",
      { mediaType: "application/x" },
      '"application/x" is not a manifest that can be run',
    ],
    [
      "an endless media type",
      `a/${"x".repeat(500)}`,
      {},
      `"a/${"x".repeat(98)}" is not a manifest that can be run`,
    ],
    [
      "a manifest without config",
      OCI_MANIFEST,
      { layers: [] },
      "the digest of the image config is not a sha256 digest",
    ],
    [
      "a manifest without layers",
      OCI_MANIFEST,
      { config: { digest: digest("c") } },
      "the manifest has no list of layers",
    ],
    [
      "a layer that is no object",
      OCI_MANIFEST,
      { ...image, layers: [null] },
      "layer 1 of the manifest is not an object",
    ],
    [
      "a layer without a digest",
      OCI_MANIFEST,
      { ...image, layers: [{}] },
      "the digest of layer 1 is not a sha256 digest",
    ],
    [
      "too many layers",
      OCI_MANIFEST,
      { ...image, layers: Array(1001).fill(image.layers[0]) },
      "the manifest has 1001 layers, more than 1000",
    ],
  ])("%s", (_, header, body, message) => {
    expect(() => parseManifest(header, body)).toThrow(
      expect.objectContaining({ code: "E_REGISTRY_PROTOCOL", message, hint: expect.stringMatching(/Push/) }),
    );
  });

  it("but a manifest at the bounds must be read", () => {
    expect(parseManifest(OCI_INDEX, { manifests: Array(1000).fill(entry("a", "linux/arm64")) }).kind).toBe(
      "index",
    );
    expect(parseManifest(OCI_MANIFEST, { ...image, layers: Array(1000).fill(image.layers[0]) }).kind).toBe(
      "image",
    );
  });

  it.each([
    { os: "linux", architecture: "unknown" },
    { os: "unknown", architecture: "amd64" },
    { os: "linux" },
    { os: "", architecture: "amd64" },
    { os: "linux", architecture: 7 },
    "linux/amd64",
  ])("an entry for %j is for no platform", (platform) => {
    expect(index({ digest: digest("a"), platform }).entries[0]?.platform).toBeNull();
  });

  it.each([["12"], [1.5], [null], [Number.MAX_VALUE]])("a layer of size %j counts nothing", (size) => {
    expect(parseManifest(OCI_MANIFEST, { ...image, layers: [{ digest: digest("d"), size }] })).toMatchObject({
      layers: [{ size: 0 }],
    });
  });
});

describe("the entry must be the best for the board, whatever the order of the list", () => {
  const v5v6v7 = [entry("5", "linux/arm/v5"), entry("6", "linux/arm/v6"), entry("7", "linux/arm/v7")];
  it.each([
    ["linux/arm/v7", "7"],
    ["linux/arm/v8", "7"],
    ["linux/arm/v6", "6"],
    ["linux/arm/v5", "5"],
  ])("%s gets v%s", (board, letter) => {
    expect(chooseEntry(index(...v5v6v7), accepts(board))?.digest).toBe(digest(letter));
    expect(chooseEntry(index(...[...v5v6v7].reverse()), accepts(board))?.digest).toBe(digest(letter));
  });

  it("a v6 board must never get a v7 image, as old engines do", () => {
    expect(chooseEntry(index(entry("7", "linux/arm/v7")), accepts("linux/arm/v6"))).toBeNull();
  });

  it("an arm64 board must not fall back to 32 bit by itself", () => {
    expect(chooseEntry(index(entry("7", "linux/arm/v7")), accepts("linux/arm64"))).toBeNull();
  });

  it("arm64/v8 and an arm entry without a variant must be recognised", () => {
    expect(chooseEntry(index(entry("8", "linux/arm64/v8")), accepts("linux/arm64"))?.digest).toBe(
      digest("8"),
    );
    expect(chooseEntry(index(entry("7", "linux/arm")), accepts("linux/arm/v7"))?.digest).toBe(digest("7"));
  });

  it("attestations, artifacts, other systems and nested lists must be passed over", () => {
    const attested = { annotations: { "vnd.docker.reference.type": "attestation-manifest" } };
    const others = index(
      entry("1", "unknown/unknown"),
      entry("2", "linux/amd64", attested),
      entry("3", "linux/amd64", { artifactType: "application/vnd.x" }),
      entry("4", "linux/amd64", { mediaType: OCI_INDEX }),
      entry("5", "windows/amd64"),
      entry("6", null),
    );
    expect(chooseEntry(others, accepts("linux/amd64"))).toBeNull();
    expect(describePlatforms(others)).toBe("windows/amd64");
  });

  it("of equal entries the first must win", () => {
    const two = index(entry("a", "linux/amd64"), entry("b", "linux/amd64"));
    expect(chooseEntry(two, accepts("linux/amd64"))?.digest).toBe(digest("a"));
  });
});

describe("people must be told what is there", () => {
  it("sorted, once each", () => {
    const list = index(entry("a", "linux/arm64"), entry("b", "linux/amd64"), entry("c", "linux/arm64/v8"));
    expect(describePlatforms(list)).toBe("linux/amd64, linux/arm64");
  });
  it("even when that is nothing", () => {
    expect(describePlatforms(index(entry("1", "unknown/unknown")))).toBe("nothing that can be run");
  });
  it("without listing a hundred", () => {
    const many = Array.from({ length: 20 }, (_, n) =>
      entry("a", `linux/made-up${String(n).padStart(2, "0")}`),
    );
    expect(describePlatforms(index(...many))).toMatch(/made-up11 and 8 more$/);
    expect(describePlatforms(index(...many.slice(0, 12)))).toMatch(/, linux\/made-up11$/);
  });
});

describe("an image's own config must decide", () => {
  const fits = (config: object, board: string, variantRequired = false) => {
    const read = configPlatform(config);
    return read !== null && configFits(read, accepts(board), { variantRequired });
  };
  it.each([
    [{ os: "linux", architecture: "arm", variant: "v7" }, "linux/arm/v7", true],
    [{ os: "linux", architecture: "arm", variant: "v7" }, "linux/arm/v6", false],
    [{ os: "linux", architecture: "arm", variant: "v6" }, "linux/arm/v7", true],
    [{ os: "linux", architecture: "arm" }, "linux/arm/v6", true],
    [{ os: "linux", architecture: "arm" }, "linux/arm64", false],
    [{ architecture: "aarch64" }, "linux/arm64", true],
    [{ os: "windows", architecture: "amd64" }, "linux/amd64", false],
    [{ os: "linux", architecture: "amd64" }, "linux/arm/v7", false],
  ])("%j on %s: %s", (config, board, expected) => {
    expect(fits(config, board)).toBe(expected);
  });
  it("a name that means two processors needs a variant in the config", () => {
    expect(fits({ architecture: "arm" }, "linux/arm/v6", true)).toBe(false);
    expect(fits({ architecture: "arm", variant: "v6" }, "linux/arm/v6", true)).toBe(true);
  });
  it("empty words must count as left out", () => {
    expect(configPlatform({ os: "", architecture: "amd64", variant: "" })?.platform).toEqual({
      os: "linux",
      architecture: "amd64",
      variant: null,
    });
    expect(configPlatform({ os: 7, architecture: "arm64", variant: 8 })).toMatchObject({
      platform: { os: "linux", architecture: "arm64", variant: null },
      variantKnown: true,
    });
  });
  it("a config without a variant must fit by its system too, and without being told more", () => {
    const arm = { platform: { os: "linux", architecture: "arm", variant: null }, variantKnown: false };
    const others = [parsePlatform("linux/arm64"), parsePlatform("linux/arm/v7")];
    expect(configFits(arm, others)).toBe(true);
    expect(configFits({ ...arm, platform: { ...arm.platform, os: "windows" } }, others)).toBe(false);
  });
  it("a config without a variant must not be given one", () => {
    expect(configPlatform({ os: "linux", architecture: "arm" })?.platform.variant).toBeNull();
  });
  it.each([null, "text", {}, { architecture: "" }, { architecture: 7 }])(
    "%j names no processor",
    (config) => {
      expect(configPlatform(config)).toBeNull();
    },
  );
});
