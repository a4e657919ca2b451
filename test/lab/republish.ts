// Publishes an image that is there once more as another version: the same layers under another config, which makes another
// digest. Four small requests, where packing and sending the layers again takes a second.
import { DOCKER_MANIFEST, OCI_MANIFEST } from "../../src/core/image/index.ts";
import type { Digest } from "../../src/core/model/index.ts";
import type { ImageHealthcheck } from "./images.ts";
import { type PushTarget, pushBlob, pushManifest } from "./push.ts";

interface Manifest {
  readonly mediaType: string;
  readonly config: { readonly digest: Digest };
}

interface ImageConfig {
  readonly config: { readonly Labels?: Readonly<Record<string, string>> };
}

const VERSION = "org.opencontainers.image.version";

/** Moves `tag` to it; the health check is the new version's only one. `from` is the tag of the image, where it is another. */
export async function republish(
  target: PushTarget,
  tag: string,
  version: string,
  healthcheck: ImageHealthcheck | null,
  from: string = tag,
): Promise<Digest> {
  const base = `http://${target.address}/v2/${target.repository}`;
  const manifest = (await read(`${base}/manifests/${from}`)) as Manifest;
  const image = (await read(`${base}/blobs/${manifest.config.digest}`)) as ImageConfig;
  // One image under two names could not be removed under one of them.
  const Labels = { ...image.config.Labels, [VERSION]: version, repository: target.repository };
  const config = { ...image.config, Labels, Healthcheck: healthcheck ?? undefined };
  const bytes = Buffer.from(JSON.stringify({ ...image, config }));
  const described = { ...manifest.config, digest: await pushBlob(target, bytes), size: bytes.length };
  return pushManifest(target, tag, manifest.mediaType, { ...manifest, config: described });
}

async function read(url: string): Promise<unknown> {
  const answer = await fetch(url, { headers: { accept: `${OCI_MANIFEST}, ${DOCKER_MANIFEST}` } });
  if (!answer.ok) throw new Error(`GET ${url}: ${answer.status}`);
  return answer.json();
}
