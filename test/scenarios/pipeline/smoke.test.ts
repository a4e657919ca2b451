// The smoke stage on a real engine: an image whose config or programs are not what the matrix promises is refused.
import { describe, expect, it } from "vitest";
import { busyboxLayer } from "../../lab/images.ts";
import { docker, imageOnEngine } from "../../lab/smoke-images.ts";
import { image, images, lab, leaveNothing, row, SAYS, smoke } from "./smoke-support.ts";

leaveNothing();

describe("an image that is what the matrix promises", () => {
  it("must pass for armhf, with its programs, its size and what the command printed", async () => {
    const tag = await image("armhf", "armhf", { platform: "linux/arm/v7" });
    const outcome = await smoke(tag, row("linux/arm/v7", SAYS));
    expect(outcome).toMatchObject({ state: "done", failure: null, lines: ["v1.2.3"], warnings: [] });
    expect(outcome.data).toMatchObject({
      imageId: expect.stringMatching(/^sha256:/),
      platform: "linux/arm/v7",
      output: "v1.2.3",
      programs: [
        { path: "/bin/sh", origin: "CMD", machine: "arm v7 hard float" },
        { path: "/bin/busybox", origin: "smoke", machine: "arm v7 hard float" },
      ],
    });
    expect(Number(outcome.data.size)).toBeGreaterThan(1_000_000);
  });

  it("must pass for arm64", async () => {
    const tag = await image("arm64", "arm64", { platform: "linux/arm64" });
    const outcome = await smoke(tag, row("linux/arm64", SAYS));
    expect(outcome).toMatchObject({ state: "done", lines: ["v1.2.3"], warnings: [] });
  });

  it("must pass for arm/v5 and for arm/v6 with a program built for ARMv5", async () => {
    for (const platform of ["linux/arm/v5", "linux/arm/v6"]) {
      const tag = await image("armel", "armel", { platform });
      expect(await smoke(tag, row(platform, SAYS))).toMatchObject({
        state: "done",
        failure: null,
        warnings: [],
      });
    }
  });

  it("must pass with one binary and no PATH, no shell and no command of its own", async () => {
    const { "bin/busybox": busybox } = await busyboxLayer("arm64");
    if (busybox === undefined) throw new Error("no busybox");
    const spec = { platform: "linux/arm64", layers: [{ busybox }], config: {} };
    const tag = await imageOnEngine(lab, "single", spec);
    images.push(tag);
    expect(await smoke(tag, row("linux/arm64", ["/busybox", "true"]))).toMatchObject({
      state: "done",
      data: { programs: [{ path: "/busybox" }], output: null },
    });
  });

  it("must pass without a smoke command, and nothing runs", async () => {
    const tag = await image("armhf", "armhf", { platform: "linux/arm/v7" });
    const outcome = await smoke(tag, row("linux/arm/v7", null));
    expect(outcome).toMatchObject({ state: "done", lines: [], data: { command: null } });
  });

  it("must pass with a foreign QEMU inside, as old-style base images have it", async () => {
    const { "bin/busybox": qemu } = await busyboxLayer("amd64");
    if (qemu === undefined) throw new Error("no busybox");
    const config = { Entrypoint: ["/bin/sh"], Cmd: ["/usr/bin/qemu-arm-static"], Env: ["PATH=/bin"] };
    const files = { "usr/bin/qemu-arm-static": qemu };
    const tag = await image("old-style", "armhf", { platform: "linux/arm/v7", files, config });
    const outcome = await smoke(tag, row("linux/arm/v7", null));
    expect(outcome).toMatchObject({
      state: "done",
      data: { programs: [{}, { emulator: true, machine: "amd64" }] },
    });
  });
});

describe("an image whose config is not the promise", () => {
  it("must be refused when it is for another architecture or a newer variant", async () => {
    const tag = await image("armhf", "armhf", { platform: "linux/arm/v7" });
    const other = await smoke(tag, row("linux/arm64", SAYS));
    expect(other.failure).toMatchObject({ code: "E_SMOKE" });
    expect(other.message).toContain("its config says linux/arm/v7, the matrix promises linux/arm64");
    const newer = await smoke(tag, row("linux/arm/v6", SAYS));
    expect(newer.message).toContain("its config says linux/arm/v7, the matrix promises linux/arm/v6");
  });

  it("must be refused when it is for an older variant, with the platform to write", async () => {
    const older = await image("older", "armel", { platform: "linux/arm/v6" });
    const outcome = await smoke(older, row("linux/arm/v7", SAYS));
    expect(outcome.failure).toMatchObject({ code: "E_SMOKE" });
    expect(outcome.message).toContain("write platform: linux/arm/v6 there");
  });

  it("must pass with a remark when it says no variant", async () => {
    const silent = await image("silent", "armhf", { platform: "linux/arm/v7", withoutVariant: true });
    const second = await smoke(silent, row("linux/arm/v7", SAYS));
    expect(second).toMatchObject({ state: "done" });
    expect(second.warnings.join()).toContain("arm without a variant");
  });

  it("must be refused when there is no such image", async () => {
    const outcome = await smoke("boardhand-test/none:local", row("linux/arm64", SAYS));
    expect(outcome).toMatchObject({
      state: "failed",
      failure: { code: "E_SMOKE", hint: expect.stringContaining("boardhand build image") },
    });
  });
});

describe("an image with programs of another processor", () => {
  it("must be refused although this machine would run them", async () => {
    const tag = await image("lying", "amd64", { platform: "linux/arm/v7" });
    const outcome = await smoke(tag, row("linux/arm/v7", SAYS));
    expect(outcome.message).toContain("/bin/sh (CMD) is for amd64, the image promises linux/arm/v7");
    expect(outcome).toMatchObject({ state: "failed", failure: { code: "E_SMOKE" }, lines: [] });
  });

  it("must be refused when an amd64 image holds ARM programs", async () => {
    const tag = await image("lying-back", "armhf", { platform: "linux/amd64" });
    const outcome = await smoke(tag, row("linux/amd64", SAYS));
    expect(outcome.message).toContain("/bin/sh (CMD) is for arm, the image promises linux/amd64");
  });

  it("must be refused when a script's interpreter is foreign, through links, env and a merged /usr", async () => {
    const { "bin/busybox": foreign } = await busyboxLayer("amd64");
    if (foreign === undefined) throw new Error("no busybox");
    const files = {
      start: { content: "#!/usr/bin/env node\n", mode: 0o755 },
      "usr/bin/env": foreign,
      "opt/node": foreign,
    };
    const tag = await image("script", "arm64", {
      platform: "linux/arm64",
      files,
      config: { Entrypoint: ["/start"], Env: ["PATH=/opt:/bin"] },
    });
    const { message } = await smoke(tag, row("linux/arm64", null));
    expect(message).toContain("/usr/bin/env (/start) is for amd64");
    expect(message).toContain("/opt/node (/start) is for amd64");
  });

  it("must be refused when its health check is foreign", async () => {
    const { "bin/busybox": foreign } = await busyboxLayer("amd64");
    if (foreign === undefined) throw new Error("no busybox");
    const config = {
      Cmd: ["/bin/sh"],
      Env: ["PATH=/bin:/opt"],
      Healthcheck: { Test: ["CMD-SHELL", "probe --quick || exit 1"] },
    };
    const files = { "opt/probe": foreign };
    const tag = await image("health", "arm64", { platform: "linux/arm64", files, config });
    const { message } = await smoke(tag, row("linux/arm64", null));
    expect(message).toContain("/opt/probe (HEALTHCHECK) is for amd64, the image promises linux/arm64");
  });

  it("must be refused when a program needs ARMv7 and arm/v6 is promised", async () => {
    const tag = await image("too-new", "armhf", { platform: "linux/arm/v6" });
    const { message } = await smoke(tag, row("linux/arm/v6", SAYS));
    expect(message).toContain("/bin/sh (CMD) is built for ARMv7, the image promises linux/arm/v6");
  });

  it("must be read through chains of links, past loops and directories", async () => {
    const tag = await linkedImage();
    const outcome = await smoke(tag, row("linux/arm64", ["true"]));
    expect(outcome).toMatchObject({ state: "done" });
    expect(outcome.data.programs).toMatchObject([{ path: "/merged/true", machine: "arm64" }]);
    expect(outcome.warnings.join()).toContain("ENTRYPOINT starts /usr/bin/loop, which is not in the image");
  });
});

async function linkedImage(): Promise<string> {
  const base = await image("links-base", "arm64", { platform: "linux/arm64" });
  const steps = [
    "cp /bin/busybox /usr/bin/real",
    "ln -s real /usr/bin/one",
    "ln -s ../../usr/bin/one /usr/bin/true",
    "ln -s loop2 /usr/bin/loop",
    "ln -s loop /usr/bin/loop2",
  ].join(" && ");
  const script = `mkdir -p /usr/bin && ${steps} && ln -s /usr/bin /merged`;
  const name = `boardhand-test-links-${process.pid}`;
  const run = ["run", "--name", name, "--network", "none", "--entrypoint", "/bin/busybox", base];
  await docker(lab, ...run, "sh", "-c", script);
  const tag = "boardhand-test/links:local";
  const changes = ['ENTRYPOINT ["/usr/bin/loop"]', "CMD []", "ENV PATH=/tmp:/merged"];
  await docker(lab, "commit", ...changes.flatMap((change) => ["--change", change]), name, tag);
  await docker(lab, "rm", "--force", name);
  images.push(tag);
  return tag;
}
