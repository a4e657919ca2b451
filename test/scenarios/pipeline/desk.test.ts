// The Makefile's targets for the desk: the image of another processor, built and run here, with what they were told to use.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, expect, inject, it } from "vitest";
import { dockerConfig } from "../../lab/buildx.ts";
import { ROOT } from "./own-images.ts";

const run = promisify(execFile);
/** An emulated image, its base among it, on a machine that has much else to do. */
const MAKE_MS = 600_000;
const config = await dockerConfig();
const environment = {
  PATH: process.env.PATH ?? "",
  HOME: config.directory,
  DOCKER_CONFIG: config.directory,
  DOCKER_HOST: inject("engineHost"),
  INSTALL: "no",
};

async function make(...words: string[]): Promise<string> {
  const { stdout, stderr } = await run("make", ["--no-print-directory", ...words], {
    cwd: ROOT,
    env: environment,
    timeout: MAKE_MS,
    maxBuffer: 64 * 1024 * 1024,
  });
  return `${stdout}${stderr}`;
}

afterAll(async () => {
  const tags = ["boardhand/boardhand:armhf", "boardhand-base:armhf"];
  await run("docker", ["image", "rm", "--force", ...tags], { env: environment });
  await config.remove();
});

it("make image must build another processor's image, and make run-image must run it", {
  timeout: 2 * MAKE_MS,
}, async () => {
  const built = await make("image", "ARCH=armhf", "BASE=packages");
  expect(built).toMatch(/^armhf +linux\/arm\/v7 +done [\d.]+m?\d*s +done [\d.]+m?\d*s$/m);
  const seen = await make("run-image", "ARCH=armhf");
  expect(seen).toMatch(/^\d+\.\d+\.\d+$/m);
  expect(seen).toMatch(/^OK +engine +docker /m);
});

it("make image must refuse a processor that is not in the matrix, and say which are", async () => {
  const refused = await make("image", "ARCH=sparc").catch((error: unknown) =>
    String((error as Error).message),
  );
  expect(refused).toContain("ARCH=sparc is not in config/pipeline.yml; there are amd64, armhf, aarch64");
});
