// Reads what a registry calls a manifest into one union: permissive about what is left out, exact about what is used, bounded in size.
import { BoardhandError } from "../model/error.ts";
import type { Digest, LayerSize } from "../model/image.ts";
import type { Platform } from "../model/platform.ts";
import {
  DOCKER_LIST,
  DOCKER_MANIFEST,
  isIndexType,
  isManifestType,
  isSchema1Type,
  OCI_INDEX,
  OCI_MANIFEST,
} from "./media-types.ts";
import { normalizePlatform } from "./platform.ts";
import { isDigest } from "./reference.ts";

const ENTRIES_MAX = 1000;
const LAYERS_MAX = 1000;

/** One line of an index (image-spec image-index.md, docker manifest list). */
export interface IndexEntry {
  readonly digest: Digest;
  readonly mediaType: string;
  /** Null where the index does not say, or says `unknown`. */
  readonly platform: Platform | null;
  /** Attestations, signatures and the like: never something to run. */
  readonly attachment: boolean;
}

export interface ImageIndex {
  readonly kind: "index";
  readonly mediaType: string;
  readonly entries: readonly IndexEntry[];
}

/** One platform's image (image-spec manifest.md, docker schema 2). */
export interface ImageManifest {
  readonly kind: "image";
  readonly mediaType: string;
  readonly configDigest: Digest;
  readonly configMediaType: string;
  readonly layers: readonly LayerSize[];
}

export type Manifest = ImageIndex | ImageManifest;

type Json = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function refuse(what: string, hint = "Push the image again with a current tool."): BoardhandError {
  return new BoardhandError("E_REGISTRY_PROTOCOL", what, { hint });
}

function readList(value: unknown, what: string, max: number): readonly unknown[] {
  if (!Array.isArray(value)) throw refuse(`the manifest has no list of ${what}`);
  if (value.length > max) throw refuse(`the manifest has ${value.length} ${what}, more than ${max}`);
  return value;
}

function readDigest(value: unknown, where: string): Digest {
  if (isDigest(value)) return value;
  throw refuse(`the digest of ${where} is not a sha256 digest`);
}

function readPlatform(value: unknown): Platform | null {
  if (!isObject(value)) return null;
  const os = text(value.os);
  const architecture = text(value.architecture);
  if (os === "" || architecture === "" || os === "unknown" || architecture === "unknown") return null;
  return normalizePlatform(os, architecture, text(value.variant) || null);
}

function readEntry(value: unknown, position: number): IndexEntry {
  if (!isObject(value)) throw refuse(`entry ${position + 1} of the index is not an object`);
  const annotations = isObject(value.annotations) ? value.annotations : {};
  return {
    digest: readDigest(value.digest, `entry ${position + 1} of the index`),
    mediaType: text(value.mediaType),
    platform: readPlatform(value.platform),
    // BuildKit, attestation-storage.md: any reference type marks an entry that belongs to another one.
    attachment: annotations["vnd.docker.reference.type"] !== undefined || text(value.artifactType) !== "",
  };
}

function readLayer(value: unknown, position: number): LayerSize {
  if (!isObject(value)) throw refuse(`layer ${position + 1} of the manifest is not an object`);
  const size = value.size;
  return {
    digest: readDigest(value.digest, `layer ${position + 1}`),
    size: typeof size === "number" && Number.isSafeInteger(size) && size >= 0 ? size : 0,
  };
}

/** The body's own word first, then the header's, then the shape: old registries send `text/plain`. */
function mediaTypeOf(header: string, body: Json): string {
  const own = text(body.mediaType);
  for (const type of [own, header]) {
    if (isIndexType(type) || isManifestType(type) || isSchema1Type(type)) return type;
  }
  if (Array.isArray(body.manifests)) return header.includes("docker") ? DOCKER_LIST : OCI_INDEX;
  if (isObject(body.config)) return header.includes("docker") ? DOCKER_MANIFEST : OCI_MANIFEST;
  if (body.schemaVersion === 1) return "application/vnd.docker.distribution.manifest.v1+json";
  return own || header;
}

/** `mediaType` is the Content-Type of the answer. Throws BoardhandError E_REGISTRY_PROTOCOL. */
export function parseManifest(mediaType: string, body: unknown): Manifest {
  if (!isObject(body)) throw refuse("the manifest is not a JSON object");
  const type = mediaTypeOf(mediaType, body);
  if (isSchema1Type(type)) {
    throw refuse("the registry answered with a schema 1 manifest, which engines no longer run");
  }
  if (isIndexType(type)) {
    const entries = readList(body.manifests, "entries", ENTRIES_MAX);
    return { kind: "index", mediaType: type, entries: entries.map(readEntry) };
  }
  if (!isManifestType(type)) throw refuse(`"${type.slice(0, 100)}" is not a manifest that can be run`);
  const config = isObject(body.config) ? body.config : {};
  return {
    kind: "image",
    mediaType: type,
    configDigest: readDigest(config.digest, "the image config"),
    configMediaType: text(config.mediaType),
    layers: readList(body.layers, "layers", LAYERS_MAX).map(readLayer),
  };
}
