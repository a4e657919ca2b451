// `boardhand build` as a whole, as a person at a desk or one job of a CI runs it: a real engine, registry and emulation.
import { afterEach, describe, expect, it } from "vitest";
import { ARCHS, baseOf, DOCKERFILE, Repository } from "./repository.ts";

const PUSH = { DOCKER_PUSH: "yes" };

let repository: Repository;
afterEach(() => repository.remove());

interface Printed {
  readonly result: string;
  readonly outcomes: readonly {
    readonly stage: string;
    readonly arch: string | null;
    readonly state: string;
    readonly message: string;
    readonly failure: { readonly code: string; readonly message: string; readonly hint: string } | null;
  }[];
}

/** What `--json` printed, and `stage arch state` of each outcome. */
function printed(stdout: string): {
  readonly result: string;
  readonly ends: readonly string[];
  readonly all: Printed;
} {
  const all = JSON.parse(stdout) as Printed;
  const ends = all.outcomes.map(({ stage, arch, state }) => [stage, arch ?? "all", state].join(" "));
  return { result: all.result, ends, all };
}

describe("a build of the main branch", () => {
  it("must end with one list of all processors, from images that have run under emulation", async () => {
    repository = await Repository.create({ pipeline: "test: grep -q one version\n" });
    const { code, stdout, stderr } = await repository.build([], PUSH);
    expect(`${stdout}${stderr}`).toContain("manifest   done");
    expect(code).toBe(0);
    expect(await repository.tags()).toEqual(["aarch64", "amd64", "armhf", "latest"]);
    expect((await repository.list("latest"))?.toSorted()).toEqual([
      "linux/amd64",
      "linux/arm/v7",
      expect.stringMatching(/^linux\/arm64/),
    ]);
    expect(stdout).toMatch(/^armhf +linux\/arm\/v7 +done [\d.]+s +done [\d.]+s +done [\d.]+s$/m);
    expect(stderr).toMatch(/^\[armhf smoke\] one$/m);
    const commit = await repository.git("rev-parse", "HEAD");
    const label = '{{index .Config.Labels "org.opencontainers.image.revision"}}';
    expect(await repository.docker("image", "inspect", "--format", label, `${repository.image}:armhf`)).toBe(
      commit,
    );
  });

  it("must be safe to run again, and move everything with the next commit", async () => {
    repository = await Repository.create();
    expect((await repository.build([], PUSH)).code).toBe(0);
    const again = await repository.build(["--json"], PUSH);
    expect(again.code).toBe(0);
    expect(printed(again.stdout).result).toBe("done");
    await repository.write("version", "two\n");
    await repository.commit("second");
    const next = await repository.build([], PUSH);
    expect(next.code).toBe(0);
    expect(next.stderr).toMatch(/^\[aarch64 smoke\] two$/m);
  });

  it("must push nothing when nobody asked for it, and say so", async () => {
    repository = await Repository.create();
    const { code, stdout } = await repository.build(["--json"]);
    expect(code).toBe(0);
    const { ends, all } = printed(stdout);
    expect(ends).toEqual(
      expect.arrayContaining(["smoke armhf done", "push all skipped", "manifest all skipped"]),
    );
    expect(all.outcomes.at(-1)?.message).toBe("DOCKER_PUSH is not set to yes");
    expect(await repository.tags()).toEqual([]);
  });

  it("must push one processor's image in a job of its own, and list them in the last one", async () => {
    repository = await Repository.create();
    for (const { arch } of ARCHS) {
      const { code } = await repository.build(["emulators", "image", "push", "--arch", arch], PUSH);
      expect(code).toBe(0);
      expect(await repository.list("latest")).toBeNull();
    }
    const { code, stderr } = await repository.build(["manifest"], PUSH);
    expect(`${code} ${stderr}`).toMatch(/^0 /);
    expect(await repository.list("latest")).toHaveLength(3);
  });

  it("must work with the engine's own builder where there is no buildx", async () => {
    repository = await Repository.create({ withBuildx: false });
    const { code, stdout } = await repository.build(["--json", "image", "smoke"]);
    expect(code).toBe(0);
    expect(printed(stdout).all.outcomes[0]?.message).toBe("building with classic");
  });
});

describe("a release", () => {
  it("must get a list under its version and under what is shorter", async () => {
    repository = await Repository.create();
    await repository.git("tag", "v1.2.3");
    await repository.git("checkout", "--quiet", "v1.2.3");
    expect((await repository.build([], PUSH)).code).toBe(0);
    const tags = await repository.tags();
    expect(tags).toEqual(
      expect.arrayContaining(["1", "1.2", "1.2.3", "1.2.3-armhf", "1.2-aarch64", "1-amd64"]),
    );
    expect(tags).not.toContain("latest");
    for (const tag of ["1", "1.2", "1.2.3"]) expect(await repository.list(tag)).toHaveLength(3);
  });
});

describe("a build that goes wrong", () => {
  it("must build and push nothing when a test fails", async () => {
    repository = await Repository.create({ pipeline: 'test: ["echo first", "echo broken >&2; exit 3"]\n' });
    const { code, stdout } = await repository.build(["--json"], PUSH);
    expect(code).toBe(1);
    const { ends, all } = printed(stdout);
    expect(ends.filter((end) => end.endsWith("done"))).toEqual(["emulators all done"]);
    expect(all.outcomes[1]?.failure).toMatchObject({
      code: "E_TEST",
      message: "`echo broken >&2; exit 3` ended with 3:\nbroken",
    });
    expect(await repository.tags()).toEqual([]);
  });

  it("must push nothing at all when one processor's image fails, and leave the old list in place", async () => {
    repository = await Repository.create();
    expect((await repository.build([], PUSH)).code).toBe(0);
    const before = await repository.list("latest");
    await repository.write(
      "Dockerfile",
      `${DOCKERFILE}RUN /bin/busybox uname -m | /bin/busybox grep -v armv7l\n`,
    );
    await repository.commit("breaks armhf");
    const { code, stdout } = await repository.build(["--json"], PUSH);
    expect(code).toBe(1);
    const { ends, all } = printed(stdout);
    expect(ends).toEqual(
      expect.arrayContaining([
        "image armhf failed",
        "smoke armhf skipped",
        "smoke amd64 done",
        "push amd64 skipped",
        "push aarch64 skipped",
        "manifest all skipped",
      ]),
    );
    const failed = all.outcomes.find(({ state }) => state === "failed");
    expect(failed?.failure?.code).toBe("E_BUILD");
    expect(failed?.failure?.message).toContain("grep -v armv7l");
    expect(await repository.list("latest")).toEqual(before);
  });

  it("must refuse an image whose base is for another processor, and say which", async () => {
    const rows = `matrix:\n  - {arch: armhf, platform: linux/arm/v7, build_args: {BASE_IMAGE: "${baseOf("amd64")}"}}\n`;
    repository = await Repository.create({ pipeline: rows });
    const { code, stdout } = await repository.build(["--json"], PUSH);
    expect(code).toBe(1);
    const failed = printed(stdout).all.outcomes.find(({ state }) => state === "failed");
    expect(failed).toMatchObject({ stage: "smoke", arch: "armhf", failure: { code: "E_SMOKE" } });
    expect(failed?.failure?.message).toContain("amd64");
    expect(await repository.tags()).toEqual([]);
  });

  it("must name every Dockerfile that is missing before anything is built", async () => {
    const rows = ["armhf", "armv6"].map(
      (arch) => `  - {arch: ${arch}, platform: linux/arm/v7, dockerfile: Dockerfile.${arch}}\n`,
    );
    repository = await Repository.create({ pipeline: `matrix:\n${rows.join("")}` });
    const { code, stdout } = await repository.build(["--json", "image"]);
    expect(code).toBe(1);
    const { ends, all } = printed(stdout);
    expect(ends).toEqual(["image all failed", "image armhf skipped", "image armv6 skipped"]);
    expect(all.outcomes[0]?.failure?.message).toBe(
      "armhf: there is no Dockerfile.armhf; armv6: there is no Dockerfile.armv6",
    );
  });

  it("must refuse an unknown architecture with exit code 2, and name those that there are", async () => {
    repository = await Repository.create();
    const { code, stderr } = await repository.build(["--arch", "sparc"]);
    expect(code).toBe(2);
    expect(stderr).toContain("sparc");
    expect(stderr).toMatch(/The matrix has amd64 .*, armhf .*, aarch64 /);
  });

  it("must warn of a secret in a build argument, and print none", async () => {
    const row = `{arch: amd64, platform: linux/amd64, build_args: {BASE_IMAGE: "${baseOf("amd64")}", NPM_TOKEN: "swordfish-1"}}`;
    repository = await Repository.create({ pipeline: `matrix:\n  - ${row}\n` });
    await repository.write(
      "Dockerfile",
      `${DOCKERFILE}ARG NPM_TOKEN\nRUN /bin/busybox echo "token \${NPM_TOKEN}"\n`,
    );
    const { code, stdout, stderr } = await repository.build(["image"], { NPM_TOKEN: "swordfish-1" });
    expect(code).toBe(0);
    expect(stderr).toContain("warning: the build argument NPM_TOKEN (amd64) looks like a secret");
    expect(stderr).toContain("token [redacted]");
    expect(`${stdout}${stderr}`).not.toContain("swordfish");
  });

  it("must hand a secret to the build and keep it out of the image", async () => {
    const row = `{arch: amd64, platform: linux/amd64, secrets: [{id: npm, env: NPM_TOKEN}], build_args: {BASE_IMAGE: "${baseOf("amd64")}"}}`;
    repository = await Repository.create({ pipeline: `matrix:\n  - ${row}\n` });
    const step = "RUN --mount=type=secret,id=npm /bin/busybox wc -c < /run/secrets/npm > /length\n";
    await repository.write("Dockerfile", `${DOCKERFILE}${step}CMD ["/bin/busybox", "cat", "/length"]\n`);
    const { code, stderr } = await repository.build(["image"], { NPM_TOKEN: "swordfish-1" });
    expect(`${code} ${stderr}`).toMatch(/^0 /);
    const image = `${repository.image}:amd64`;
    expect(await repository.docker("run", "--rm", image)).toBe("11");
    expect(await repository.docker("history", "--no-trunc", image)).not.toContain("swordfish");
  });

  it("must end soon when it is stopped, and leave no list half made", async () => {
    repository = await Repository.create();
    await repository.write("Dockerfile", `${DOCKERFILE}RUN /bin/busybox sleep 600\n`);
    const build = repository.start(["image", "push", "manifest"], PUSH);
    while (!build.output.includes("sleep 600")) await new Promise((resolve) => setTimeout(resolve, 50));
    build.signal("SIGTERM");
    // Much sooner than the step that it stands in.
    const { code } = await build.endsWithin(120_000);
    expect(code).toBe(1);
    expect(await repository.tags()).toEqual([]);
  });

  it("must say what is wrong in pipeline.yml with its place, with exit code 2", async () => {
    repository = await Repository.create({ pipeline: "emulaters: auto\n" });
    const { code, stderr } = await repository.build([]);
    expect(code).toBe(2);
    expect(stderr).toContain("pipeline.yml:3:1: emulaters: is not a known key; did you mean emulators?");
  });
});
