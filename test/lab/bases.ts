// Puts base images made of Debian's packages into a registry, so that FROM finds them where nothing else is reachable.
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { DOCKER_MANIFEST, parsePlatform } from "../../src/core/image/index.ts";
import { digestOf, type PushTarget, pushBlob, pushManifest } from "./push.ts";

const run = promisify(execFile);
const PLATFORMS: Readonly<Record<BaseArch, string>> = {
  amd64: "linux/amd64",
  arm64: "linux/arm64",
  armhf: "linux/arm/v7",
};

/** Debian's words for the processors that there are bases for. */
export type BaseArch = "amd64" | "arm64" | "armhf";

/** Debian's Node, or gcc and make. */
export type BaseName = "node" | "c";

/** As bases.mjs prints it. */
interface BaseLayer {
  readonly file: string;
  readonly digest: string;
  readonly diffId: string;
  readonly bytes: number;
}

export interface BaseImage {
  /** `ADDRESS/base/node:armhf` */
  readonly reference: string;
  /** Of its layer, unpacked and as it is sent. */
  readonly bytes: number;
  readonly packedBytes: number;
}

/**
 * Pushes `ADDRESS/base/NAME:ARCH`. The layer is made at the first call
 * on a machine, in a quarter of a minute, and kept.
 */
export async function pushBase(address: string, name: BaseName, arch: BaseArch): Promise<BaseImage> {
  const layer = await baseLayer(name, arch);
  const packed = await readFile(layer.file);
  const target: PushTarget = { address, repository: `base/${name}` };
  const config = Buffer.from(JSON.stringify(configOf(arch, layer)));
  await pushBlob(target, packed);
  await pushBlob(target, config);
  await pushManifest(target, arch, DOCKER_MANIFEST, {
    schemaVersion: 2,
    mediaType: DOCKER_MANIFEST,
    config: {
      mediaType: "application/vnd.docker.container.image.v1+json",
      digest: digestOf(config),
      size: config.length,
    },
    layers: [
      {
        mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip",
        digest: layer.digest,
        size: packed.length,
      },
    ],
  });
  return { reference: `${address}/base/${name}:${arch}`, bytes: layer.bytes, packedBytes: packed.length };
}

function configOf(arch: BaseArch, layer: BaseLayer): unknown {
  const { os, architecture, variant } = parsePlatform(PLATFORMS[arch]);
  return {
    os,
    architecture,
    ...(variant === null ? {} : { variant }),
    config: { Cmd: ["bash"], Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"] },
    rootfs: { type: "layers", diff_ids: [layer.diffId] },
    history: [{ created: "2026-01-01T00:00:00Z", created_by: "mmdebstrap" }],
  };
}

async function baseLayer(name: BaseName, arch: BaseArch): Promise<BaseLayer> {
  const program = join(import.meta.dirname, "bases.mjs");
  const { stdout } = await run(process.execPath, [program, name, arch], { timeout: 600_000 });
  return JSON.parse(stdout) as BaseLayer;
}
