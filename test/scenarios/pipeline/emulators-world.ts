// An engine whose privileged containers start, the stand-ins for the images that register emulators, and ARM images to
// run; all pulled, so that nothing waits for a download while an emulator is away. And tests that leave the kernel as it was.
import { readFile } from "node:fs/promises";
import { expect, inject, test } from "vitest";
import { registrations, withoutEmulators } from "../../lab/binfmt-state.ts";
import { type EmulatorImages, pushEmulatorImages } from "../../lab/emulator-images.ts";
import { type LabEngine, startEngine } from "../../lab/engine.ts";
import { busyboxLayer } from "../../lab/images.ts";
import { privilegedEngine } from "../../lab/privileged.ts";
import { pushImage } from "../../lab/push.ts";
import { docker } from "./emulators-support.ts";

export const ARM = "linux/arm/v7";
/** Nobody else on the machine uses it, so it may be away for longer. */
export const RISCV = "linux/riscv64";
export const STATIC_QEMU = "/usr/bin/qemu-arm-static";
export const NOTHING_CHANGED = "all emulators are there already; nothing was changed";

export interface EmulatorWorld {
  readonly engine: LabEngine;
  readonly images: EmulatorImages;
  /** Holds nothing but the ARM program, which says `it runs on ARM`. */
  readonly armImage: string;
  /** The same with QEMU at `STATIC_QEMU`. */
  readonly armImageWithQemu: string;
  /** Says that it registered something, and does nothing. */
  readonly idleImage: string;
  stop(): Promise<void>;
}

/** DOCKER_HOST is its engine until it is stopped. */
export async function startWorld(): Promise<EmulatorWorld> {
  const formerHost = process.env.DOCKER_HOST;
  const privileged = await privilegedEngine();
  const engine = await startEngine({ arguments: privileged.arguments }).catch(async (error: unknown) => {
    await privileged.remove();
    throw error;
  });
  process.env.DOCKER_HOST = engine.host;
  const stop = async () => {
    if (formerHost === undefined) delete process.env.DOCKER_HOST;
    else process.env.DOCKER_HOST = formerHost;
    await engine.stop();
    await privileged.remove();
  };
  try {
    return { engine, ...(await pushAll()), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function pushAll() {
  const address = inject("registryAddress");
  const images = await pushEmulatorImages(address);
  // The shell's own echo: another program of busybox would have to be told by its argv[0], which only the P flag keeps.
  const start = { content: "#!/bin/sh\necho it runs on ARM\n", mode: 0o755 };
  const layers = [await busyboxLayer("armhf"), { start }];
  const config = { Cmd: ["/start"] };
  const target = { address, repository: "emulators/app" };
  await pushImage(target, "arm", { platform: ARM, layers, config });
  const qemu = { [STATIC_QEMU.slice(1)]: { content: await readFile(STATIC_QEMU), mode: 0o755 } };
  await pushImage(target, "arm-qemu", { platform: ARM, layers: [...layers, qemu], config });
  await pushImage({ address, repository: "idle/tonistiigi/binfmt" }, "latest", {
    platform: "linux/amd64",
    layers: [await busyboxLayer("amd64")],
    config: { Entrypoint: ["/bin/sh", "-c", "echo installing: arm OK"] },
  });
  const armImage = `${address}/emulators/app:arm`;
  const armImageWithQemu = `${address}/emulators/app:arm-qemu`;
  const idleImage = `${address}/idle/tonistiigi/binfmt`;
  const pull = (platform: string) => async (image: string) => {
    expect((await docker("pull", "-q", "--platform", platform, image)).stderr).toBe("");
  };
  await Promise.all([...Object.values(images), idleImage].map(pull("linux/amd64")));
  await Promise.all([armImage, armImageWithQemu].map(pull(ARM)));
  return { images, armImage, armImageWithQemu, idleImage };
}

/**
 * Without these entries, and with what the machine had as it was afterwards. Once more when it fails: somebody else's
 * tests may register an emulator in between.
 */
export function kernelTest(
  title: string,
  without: readonly string[],
  body: () => Promise<void>,
  skip = false,
): void {
  test.skipIf(skip)(title, { retry: 1 }, async () => {
    const was = await registrations();
    await withoutEmulators(without, body);
    expect(await registrations()).toEqual(was);
  });
}
