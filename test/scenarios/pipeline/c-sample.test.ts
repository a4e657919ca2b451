// A program in C, compiled by make -j inside an image of its own processor, emulated: RUN steps that really run ARM code.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { pushBase } from "../../lab/bases.ts";
import { Docker, OWN_IMAGES, ROOT } from "./own-images.ts";

const CONTEXT = join(ROOT, "test/lab/c-sample");
/** What any processor comes to. */
const SUM = "440733bd95fc1928";
const MAX_BYTES = 2_000_000;
const BITS: Readonly<Record<string, number>> = { amd64: 64, armhf: 32, aarch64: 64 };

let docker: Docker;
const made: string[] = [];

beforeAll(async () => {
  docker = await Docker.create();
});

afterAll(async () => {
  await docker.run("image", "rm", "--force", ...made);
  await docker.end();
});

describe.each(OWN_IMAGES)("the sample in C for $arch", ({ arch, debian, platform }) => {
  const tag = `boardhand-c-sample:${arch}`;

  it("must be compiled inside its image, into an image of nothing but the program", async () => {
    const base = await pushBase(inject("registryAddress"), "c", debian);
    made.push(tag);
    await docker.ok(
      ...["buildx", "build", "--platform", platform, "--provenance=false", "--progress=plain"],
      ...["--build-arg", `BASE_IMAGE=${base.reference}`, "--tag", tag, CONTEXT],
    );
    const { Size, Architecture } = await docker.inspect("image", tag);
    expect(Size).toBeLessThan(MAX_BYTES);
    expect(Architecture).toBe({ amd64: "amd64", armhf: "arm", aarch64: "arm64" }[arch]);
  });

  it("must run, and come to the same sum as elsewhere", async () => {
    expect(await docker.ok("run", "--rm", "--platform", platform, tag)).toBe(
      `24 parts, ${BITS[arch]} bits, ${SUM}`,
    );
  });
});
