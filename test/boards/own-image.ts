// The agent's own images for a board: built once a run by the pipeline, and from then on made into further versions of the
// same by another label, or by a command that cannot run, without building anything.
import { inject } from "vitest";
import { type PushTarget, pushBlob, pushManifest } from "../lab/push.ts";
import { buildOwnImages, Docker } from "../scenarios/pipeline/own-images.ts";

const BUILT = "boardhand/boardhand";
/** The label by which versions differ. */
export const VERSION = "test.version";
const ACCEPT = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}
interface List {
  readonly mediaType: string;
  readonly manifests: readonly Descriptor[];
}
interface Manifest {
  readonly mediaType: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}
interface ImageConfig {
  readonly config: {
    readonly Labels?: Readonly<Record<string, string>>;
    readonly Entrypoint?: readonly string[];
  };
}

/** Builds the images and their list once a run; the registry knows whether it has been. */
export async function buildOwnImagesOnce(): Promise<void> {
  const list = `${base()}/manifests/latest`;
  if ((await fetch(list, { method: "HEAD" })).ok) return;
  const docker = await Docker.create();
  try {
    await buildOwnImages(docker);
  } finally {
    await docker.end();
  }
}

/**
 * Pushes a version of what was built, for all processors, as `latest` of a repository.
 * @param works  false: its program is one that is not there
 */
export async function publishOwnImage(repository: string, version: string, works = true): Promise<void> {
  const target: PushTarget = { address: inject("registryAddress"), repository };
  const list = (await read("manifests/latest")) as List;
  const manifests = [];
  for (const entry of list.manifests) {
    const manifest = (await read(`manifests/${entry.digest}`)) as Manifest;
    for (const { digest } of manifest.layers) await mount(repository, digest);
    const config = (await read(`blobs/${manifest.config.digest}`)) as ImageConfig;
    const changed = Buffer.from(JSON.stringify(versionOf(config, version, works)));
    const body = {
      ...manifest,
      config: { ...manifest.config, digest: await pushBlob(target, changed), size: changed.length },
    };
    const digest = await pushManifest(target, null, entry.mediaType, body);
    manifests.push({ ...entry, digest, size: Buffer.byteLength(JSON.stringify(body)) });
  }
  await pushManifest(target, "latest", list.mediaType, { ...list, manifests });
}

function versionOf(image: ImageConfig, version: string, works: boolean): ImageConfig {
  const { config } = image;
  const Labels = { ...config.Labels, [VERSION]: version };
  return { ...image, config: { ...config, Labels, ...(works ? {} : { Entrypoint: ["/no/such/program"] }) } };
}

async function read(path: string): Promise<unknown> {
  const answer = await fetch(`${base()}/${path}`, { headers: { accept: ACCEPT } });
  if (!answer.ok) throw new Error(`${path} of ${BUILT}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** The registry takes the layer over from the repository that has it. */
async function mount(repository: string, digest: string): Promise<void> {
  const url = `http://${inject("registryAddress")}/v2/${repository}/blobs/uploads/?mount=${digest}&from=${BUILT}`;
  const answer = await fetch(url, { method: "POST" });
  await answer.body?.cancel();
  if (answer.status !== 201) throw new Error(`${digest} was not taken over: ${answer.status}`);
}

function base(): string {
  return `http://${inject("registryAddress")}/v2/${BUILT}`;
}
