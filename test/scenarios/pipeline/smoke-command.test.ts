// The smoke command on a real engine with real emulation: what fails, hangs or is stopped is refused and leaves nothing.
import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { busyboxLayer } from "../../lab/images.ts";
import { imageOnEngine, leftContainers } from "../../lab/smoke-images.ts";
import { image, images, lab, leaveNothing, row, smoke } from "./smoke-support.ts";

leaveNothing();

describe("an image whose smoke command fails", () => {
  let tag: string;
  beforeAll(async () => {
    tag = await image("armhf", "armhf", { platform: "linux/arm/v7" });
  });

  it("must be refused with what it printed and its exit code", async () => {
    const outcome = await smoke(tag, row("linux/arm/v7", ["sh", "-c", "echo no config; exit 3"]));
    expect(outcome.lines).toEqual(["no config"]);
    expect(outcome.message).toContain("ended with 3");
    expect(outcome.data).toMatchObject({ output: "no config" });
  });

  it("must be refused when there is no such command", async () => {
    const outcome = await smoke(tag, row("linux/arm/v7", ["app", "--version"]));
    expect(outcome.message).toContain(
      "app --version ended with 127: the program, or what runs it, is not in the image",
    );
  });

  it("must be refused when it hangs, and its container must be gone", async () => {
    const hang = row("linux/arm/v7", ["sh", "-c", "trap '' TERM INT HUP; while :; do sleep 1; done"]);
    const outcome = await smoke(tag, hang, { timeoutMs: 1_500 });
    expect(outcome.message).toContain("did not end within 2 s and was killed");
    expect(await leftContainers(lab)).toEqual([]);
  });

  it("must end when it is stopped in the middle, and its container must be gone", async () => {
    const stop = new AbortController();
    const asked = { signal: stop.signal, onEvent: () => stop.abort() };
    const outcome = await smoke(tag, row("linux/arm/v7", ["sh", "-c", "echo on; sleep 60"]), asked);
    expect(outcome).toMatchObject({ state: "failed", failure: { code: "E_ABORTED" } });
    expect(await leftContainers(lab)).toEqual([]);
  });

  it("must be refused when it runs only on a newer processor than promised, which reading did not show", async () => {
    const { "bin/busybox": newer } = await busyboxLayer("armhf");
    if (newer === undefined) throw new Error("no busybox");
    const files = { "opt/new": newer, go: { content: "#!/bin/sh\nexec /opt/new true\n", mode: 0o755 } };
    const config = { Cmd: ["/go"], Env: ["PATH=/bin"] };
    const old = await image("newer-inside", "armel", { platform: "linux/arm/v6", files, config });
    const outcome = await smoke(old, row("linux/arm/v6", ["/go"]));
    expect(outcome.message).toMatch(/\/go ended with 132: illegal instruction/);
  });

  it("must be refused with a word on emulators when nothing here runs its programs", async () => {
    const { "bin/busybox": file } = await busyboxLayer("arm64");
    const content = Buffer.from(file?.content ?? "");
    // e_machine of RISC-V, for which nothing is registered.
    content.writeUInt16LE(243, 18);
    const app = { content, mode: 0o755 };
    const command = row("linux/riscv64", ["/app"]);
    for (const layer of [{ app, "bin/sh": app }, { app }]) {
      const tag = await imageOnEngine(lab, "riscv", { platform: "linux/riscv64", layers: [layer] });
      images.push(tag);
      const outcome = await smoke(tag, command);
      expect(outcome.message).toMatch(/\/app (is in the image, but )?cannot be executed here/);
      expect(outcome.failure?.hint).toContain("boardhand build emulators");
    }
  });

  it("must be refused before it runs when a program's loader is not in the image", async () => {
    const files = { "opt/app": { content: await readFile("/bin/sh"), mode: 0o755 } };
    const config = { Entrypoint: ["/opt/app"] };
    const tag = await image("no-loader", "amd64", { platform: "linux/amd64", files, config });
    const outcome = await smoke(tag, row("linux/amd64", null));
    expect(outcome.message).toMatch(/\/opt\/app cannot start: its loader \/lib\S+ is not in the image/);
  });

  it("must not reach a network", async () => {
    const outcome = await smoke(tag, row("linux/arm/v7", ["sh", "-c", "ip addr show | grep -c ^[0-9]"]));
    expect(outcome.lines).toEqual(["1"]);
  });
});
