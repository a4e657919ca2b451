import { describe, expect, it } from "vitest";
import {
  DOCKER_LIST,
  DOCKER_MANIFEST,
  OCI_INDEX,
  OCI_MANIFEST,
  parseManifest,
  parsePlatform,
} from "../../../src/core/image/index.ts";
import type { Digest } from "../../../src/core/model/index.ts";
import { compareLists } from "../../../src/pipeline/list/compare.ts";
import { foreignEntries, type ListEntry, listDocument } from "../../../src/pipeline/list/index.ts";

const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`;
const entry = (platform: string, letter: string, mediaType = DOCKER_MANIFEST): ListEntry => ({
  mediaType,
  digest: digest(letter),
  size: 500,
  platform: parsePlatform(platform),
});
const amd64 = entry("linux/amd64", "a");
const v7 = entry("linux/arm/v7", "7");
const arm64 = entry("linux/arm64", "8");
const three = [amd64, v7, arm64];
const text = (document: { readonly bytes: Uint8Array }) => Buffer.from(document.bytes).toString();

function found(kind: "docker" | "oci", entries: readonly ListEntry[]) {
  const { mediaType, bytes } = listDocument(kind, entries);
  return { mediaType, body: JSON.parse(Buffer.from(bytes).toString()) };
}

describe("a manifest list", () => {
  it("must be docker's, with all that an engine chooses by", () => {
    const document = listDocument("docker", [amd64, v7]);
    expect(document.mediaType).toBe(DOCKER_LIST);
    expect(JSON.parse(text(document))).toEqual({
      schemaVersion: 2,
      mediaType: DOCKER_LIST,
      manifests: [
        {
          mediaType: DOCKER_MANIFEST,
          size: 500,
          digest: digest("a"),
          platform: { architecture: "amd64", os: "linux" },
        },
        {
          mediaType: DOCKER_MANIFEST,
          size: 500,
          digest: digest("7"),
          platform: { architecture: "arm", os: "linux", variant: "v7" },
        },
      ],
    });
  });

  it("must be an OCI index where that is wanted", () => {
    const document = listDocument("oci", [entry("linux/amd64", "a", OCI_MANIFEST)]);
    expect(document.mediaType).toBe(OCI_INDEX);
    expect(JSON.parse(text(document)).mediaType).toBe(OCI_INDEX);
  });

  it("must have the lowest ARM variant first, whatever the order of the matrix", () => {
    const all = [
      "linux/arm64/v9",
      "linux/arm/v7",
      "linux/amd64/v3",
      "linux/arm/v5",
      "linux/arm64",
      "linux/amd64",
    ];
    const entries = [...all, "linux/arm/v6"].map((platform) => entry(platform, "c"));
    const { body } = found("docker", entries);
    const order = body.manifests.map(
      ({ platform }: { platform: { architecture: string; variant?: string } }) =>
        [platform.architecture, platform.variant].join("/"),
    );
    expect(order).toEqual(["amd64/", "amd64/v3", "arm/v5", "arm/v6", "arm/v7", "arm64/", "arm64/v9"]);
  });

  it("must be the same bytes for the same images in any order", () => {
    const orders = [three, [arm64, v7, amd64], [v7, amd64, arm64]];
    expect(new Set(orders.map((order) => text(listDocument("docker", order)))).size).toBe(1);
  });

  it("must be what this project's own agent reads", () => {
    const { mediaType, body } = found("oci", three);
    expect(parseManifest(mediaType, body)).toMatchObject({
      kind: "index",
      entries: [amd64, v7, arm64].map(({ digest: one, platform }) => ({
        digest: one,
        platform,
        attachment: false,
      })),
    });
  });

  it("must name images of the other family, of which some registries want none", () => {
    const oci = entry("linux/arm64", "8", OCI_MANIFEST);
    expect(foreignEntries("docker", [amd64, oci])).toEqual([oci]);
    expect(foreignEntries("oci", [amd64, oci])).toEqual([amd64]);
  });
});

describe("a list that is compared", () => {
  it("must be the same as itself, in either format", () => {
    expect(compareLists(three, found("docker", three))).toEqual([]);
    expect(compareLists([arm64, amd64, v7], found("oci", three))).toEqual([]);
  });

  it.each([
    ["a platform is missing", [amd64, v7], ["linux/arm64 is missing"]],
    ["there is one more", [...three, entry("linux/386", "3")], ["linux/386 is there too"]],
    [
      "an image is another one",
      [amd64, v7, entry("linux/arm64", "9")],
      ["linux/arm64 is sha256:999999999999 instead of sha256:888888888888"],
    ],
    [
      "all of it",
      [entry("linux/amd64", "b"), entry("linux/s390x", "5")],
      [
        "linux/amd64 is sha256:bbbbbbbbbbbb instead of sha256:aaaaaaaaaaaa",
        "linux/arm/v7 is missing",
        "linux/arm64 is missing",
        "linux/s390x is there too",
      ],
    ],
  ])("must say so when %s", (_title, there, differences) => {
    expect(compareLists(three, found("docker", there))).toEqual(differences);
  });

  it("must say so when its order is another one, which old engines choose by", () => {
    const { mediaType, body } = found("docker", three);
    expect(
      compareLists(three, { mediaType, body: { ...body, manifests: body.manifests.reverse() } }),
    ).toEqual(["the order is linux/arm64, linux/arm/v7, linux/amd64"]);
  });

  it("must say so when a platform is there twice, or an entry has none", () => {
    const { mediaType, body } = found("docker", three);
    const twice = { ...body, manifests: [...body.manifests, body.manifests[0]] };
    expect(compareLists(three, { mediaType, body: twice })).toHaveLength(1);
    const bare = { ...body, manifests: [...body.manifests, { digest: digest("f") }] };
    expect(compareLists(three, { mediaType, body: bare })).toEqual([
      "an entry without a platform is there too",
    ]);
  });

  it("must say so when it is no list at all", () => {
    const image = { config: { digest: digest("c") }, layers: [] };
    expect(compareLists(three, { mediaType: DOCKER_MANIFEST, body: image })).toEqual([
      "it is a single image, not a list",
    ]);
    expect(compareLists(three, { mediaType: "text/html", body: null })).toEqual([
      "the manifest is not a JSON object",
    ]);
  });
});
