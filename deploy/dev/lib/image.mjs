// Makes container images in memory, byte-equal for equal input: layers, config, manifest, manifest list.
// Knows nothing of engines; the media types are Docker's, which every registry and engine here accepts.
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { tar } from "./tar.mjs";

/** @typedef {import("./tar.mjs").TarEntry} TarEntry */

/**
 * @typedef {object} Platform
 * @property {string} os
 * @property {string} architecture  GOARCH words: amd64, arm64, arm
 * @property {string} [variant]  v6, v7, v8
 */

/**
 * @typedef {object} Document  a manifest or a manifest list
 * @property {string} mediaType
 * @property {string} digest
 * @property {Buffer} body
 */

/**
 * @typedef {object} Image
 * @property {Platform} platform
 * @property {Document} manifest
 * @property {ReadonlyMap<string, Buffer>} blobs  digest to content
 */

const types = {
  manifest: "application/vnd.docker.distribution.manifest.v2+json",
  list: "application/vnd.docker.distribution.manifest.list.v2+json",
  config: "application/vnd.docker.container.image.v1+json",
  layer: "application/vnd.docker.image.rootfs.diff.tar.gzip",
};

/**
 * @param {Buffer | string} content
 * @returns {string} `sha256:…`
 */
export function digestOf(content) {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

/**
 * One image for one platform.
 * @param {object} input
 * @param {Platform} input.platform
 * @param {readonly (readonly TarEntry[])[]} input.layers  lowest first
 * @param {Record<string, unknown>} input.config  the `config` member of the OCI image config: Cmd, Env, Labels, …
 * @returns {Image}
 */
export function buildImage({ platform, layers, config }) {
  const archives = layers.map((entries) => tar(entries));
  const blobs = archives.map((archive) => gzipSync(archive, { level: 6 }));
  const configBlob = Buffer.from(
    JSON.stringify({
      ...platform,
      created: "1970-01-01T00:00:00Z",
      config,
      rootfs: { type: "layers", diff_ids: archives.map((archive) => digestOf(archive)) },
      history: archives.map(() => ({ created: "1970-01-01T00:00:00Z", created_by: "boardhand sample" })),
    }),
  );
  const manifest = documentOf(types.manifest, {
    config: descriptor(types.config, configBlob),
    layers: blobs.map((blob) => descriptor(types.layer, blob)),
  });
  return {
    platform,
    manifest,
    blobs: new Map([configBlob, ...blobs].map((blob) => [digestOf(blob), blob])),
  };
}

/**
 * The list that offers each image to the boards of its platform.
 * @param {readonly Image[]} images
 * @returns {Document}
 */
export function buildList(images) {
  return documentOf(types.list, {
    manifests: images.map(({ manifest, platform }) => ({
      ...descriptor(manifest.mediaType, manifest.body),
      platform,
    })),
  });
}

/**
 * @param {string} mediaType
 * @param {Record<string, unknown>} members
 * @returns {Document}
 */
function documentOf(mediaType, members) {
  const body = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...members }));
  return { mediaType, digest: digestOf(body), body };
}

/**
 * @param {string} mediaType
 * @param {Buffer} content
 */
function descriptor(mediaType, content) {
  return { mediaType, size: content.length, digest: digestOf(content) };
}
