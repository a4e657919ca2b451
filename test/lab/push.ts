// Pushes hand-made images and indexes over the plain registry API: no engine, no build, the same bytes every time.
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import {
  DOCKER_LIST,
  DOCKER_MANIFEST,
  OCI_INDEX,
  OCI_MANIFEST,
  parsePlatform,
} from "../../src/core/image/index.ts";
import type { Digest, Platform } from "../../src/core/model/index.ts";
import { type TarFile, tar } from "./tar.ts";

/** Where to push: `host:port`, and an Authorization header where one is asked for. */
export interface PushTarget {
  readonly address: string;
  readonly repository: string;
  readonly authorization?: string;
}

export type ManifestFormat = "oci" | "docker";

export interface ImageSpec {
  /** What the config says, as `linux/arm/v7`; `null` writes a config without architecture. */
  readonly platform: string | null;
  /** Leaves the variant out of the config, as old builders do. */
  readonly withoutVariant?: boolean;
  /** One layer each; a file `layer` with the given text when a string. */
  readonly layers?: readonly (string | Readonly<Record<string, TarFile>>)[];
  readonly format?: ManifestFormat;
  /** The config's `config` object: Cmd, Env, Healthcheck, Labels, … */
  readonly config?: Readonly<Record<string, unknown>>;
}

export interface PushedImage {
  readonly digest: Digest;
  readonly configDigest: Digest;
  readonly mediaType: string;
  readonly size: number;
  readonly platform: Platform | null;
  readonly layers: readonly { readonly digest: Digest; readonly size: number }[];
}

export interface PushedIndex {
  readonly digest: Digest;
  readonly mediaType: string;
}

export function digestOf(bytes: string | Buffer): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

async function call(target: PushTarget, path: string, init: RequestInit): Promise<Response> {
  const headers = new Headers(init.headers);
  if (target.authorization !== undefined) headers.set("authorization", target.authorization);
  const url = path.startsWith("http") ? path : `http://${target.address}/v2/${target.repository}/${path}`;
  const response = await fetch(url, { ...init, headers });
  if (!response.ok) throw new Error(`${init.method} ${url}: ${response.status} ${await response.text()}`);
  return response;
}

/** One upload in a single PUT. */
export async function pushBlob(target: PushTarget, bytes: Buffer): Promise<Digest> {
  const digest = digestOf(bytes);
  const start = await call(target, "blobs/uploads/", { method: "POST" });
  await start.body?.cancel();
  const location = new URL(start.headers.get("location") ?? "", start.url);
  location.searchParams.set("digest", digest);
  const done = await call(target, location.href, {
    method: "PUT",
    headers: { "content-type": "application/octet-stream" },
    body: new Uint8Array(bytes),
  });
  await done.body?.cancel();
  return digest;
}

/** Puts any manifest body under a tag, or under its digest when `tag` is null. */
export async function pushManifest(
  target: PushTarget,
  tag: string | null,
  mediaType: string,
  body: unknown,
): Promise<Digest> {
  const bytes = JSON.stringify(body);
  const digest = digestOf(bytes);
  const response = await call(target, `manifests/${tag ?? digest}`, {
    method: "PUT",
    headers: { "content-type": mediaType },
    body: bytes,
  });
  await response.body?.cancel();
  return digest;
}

function configOf(spec: ImageSpec, diffIds: readonly string[]): unknown {
  const platform = spec.platform === null ? null : parsePlatform(spec.platform);
  const variant = spec.withoutVariant === true ? null : (platform?.variant ?? null);
  return {
    ...(platform === null ? {} : { architecture: platform.architecture, os: platform.os }),
    ...(variant === null ? {} : { variant }),
    config: spec.config ?? {},
    rootfs: { type: "layers", diff_ids: diffIds },
    history: [],
  };
}

/** One platform's image: layers, config and manifest. */
export async function pushImage(
  target: PushTarget,
  tag: string | null,
  spec: ImageSpec,
): Promise<PushedImage> {
  const docker = spec.format === "docker";
  const mediaType = docker ? DOCKER_MANIFEST : OCI_MANIFEST;
  const layerType = docker
    ? "application/vnd.docker.image.rootfs.diff.tar.gzip"
    : "application/vnd.oci.image.layer.v1.tar+gzip";
  const diffIds: string[] = [];
  const layers: { mediaType: string; digest: Digest; size: number }[] = [];
  for (const layer of spec.layers ?? ["one"]) {
    const archive = tar(typeof layer === "string" ? { layer: { content: layer } } : layer);
    const packed = gzipSync(archive, { level: 9 });
    diffIds.push(digestOf(archive));
    layers.push({ mediaType: layerType, digest: await pushBlob(target, packed), size: packed.length });
  }
  const config = Buffer.from(JSON.stringify(configOf(spec, diffIds)));
  const configDigest = await pushBlob(target, config);
  const manifest = {
    schemaVersion: 2,
    mediaType,
    config: {
      mediaType: docker
        ? "application/vnd.docker.container.image.v1+json"
        : "application/vnd.oci.image.config.v1+json",
      digest: configDigest,
      size: config.length,
    },
    layers,
  };
  return {
    digest: await pushManifest(target, tag, mediaType, manifest),
    configDigest,
    mediaType,
    size: Buffer.byteLength(JSON.stringify(manifest)),
    platform: spec.platform === null ? null : parsePlatform(spec.platform),
    layers: layers.map(({ digest, size }) => ({ digest, size })),
  };
}

/** An entry of an index: an image under the platform that the index claims for it. */
export interface IndexEntrySpec {
  readonly image: PushedImage;
  /** The image's own when left out; `unknown/unknown` for an attestation. */
  readonly platform?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Attestation entry as BuildKit writes one for `image`. */
export function attestationFor(image: PushedImage, attestation: PushedImage): IndexEntrySpec {
  return {
    image: attestation,
    platform: "unknown/unknown",
    annotations: {
      "vnd.docker.reference.type": "attestation-manifest",
      "vnd.docker.reference.digest": image.digest,
    },
  };
}

export async function pushIndex(
  target: PushTarget,
  tag: string | null,
  entries: readonly IndexEntrySpec[],
  format: ManifestFormat = "oci",
): Promise<PushedIndex> {
  const mediaType = format === "docker" ? DOCKER_LIST : OCI_INDEX;
  const manifests = entries.map(({ image, platform, annotations }) => {
    const said = platform === undefined ? image.platform : parsePlatform(platform);
    return {
      mediaType: image.mediaType,
      digest: image.digest,
      size: image.size,
      ...(said === null
        ? {}
        : {
            platform: {
              architecture: said.architecture,
              os: said.os,
              ...(said.variant === null ? {} : { variant: said.variant }),
            },
          }),
      ...(annotations === undefined ? {} : { annotations }),
    };
  });
  const digest = await pushManifest(target, tag, mediaType, { schemaVersion: 2, mediaType, manifests });
  return { digest, mediaType };
}
