// How what is missing gets registered, as the commands that an operator reads.
import { describe, expect, test } from "vitest";
import type { EmulatorChoice } from "../../../src/core/model/index.ts";
import type { HostTools } from "../../../src/pipeline/emulators/host.ts";
import { renderWay, type Surroundings, waysFor } from "../../../src/pipeline/emulators/ways.ts";
import { entry, finding } from "./support.ts";

const ARM = finding("linux/arm/v7");
const ARM64 = finding("linux/arm64");
const OFF = finding("linux/arm/v7", { kind: "missing", taken: entry({ enabled: false }) });
const DEBIAN: HostTools = { updateBinfmts: ["qemu-arm", "qemu-aarch64"], systemd: null };
const SYSTEMD: HostTools = {
  updateBinfmts: null,
  systemd: {
    command: "/usr/lib/systemd/systemd-binfmt",
    files: {
      "qemu-arm": "/usr/lib/binfmt.d/qemu-arm.conf",
      "qemu-aarch64": "/usr/lib/binfmt.d/qemu-aarch64.conf",
    },
  },
};
const BARE: HostTools = { updateBinfmts: null, systemd: null };

function plan(choice: EmulatorChoice, around: Partial<Surroundings> = {}, missing = [ARM, ARM64]) {
  const answer = waysFor(choice, missing, { engine: "amd64", host: BARE, images: [], ...around });
  return answer.ok ? answer.ways.map((way) => renderWay(way)) : answer.why;
}

describe("the host's own tool", () => {
  test("must be Debian's for each emulator", () => {
    expect(plan("host", { host: { ...DEBIAN, systemd: SYSTEMD.systemd } })).toEqual([
      ["$ update-binfmts --enable qemu-arm", "$ update-binfmts --enable qemu-aarch64"],
    ]);
  });

  test("must first take away an entry that is switched off", () => {
    expect(plan("host", { host: DEBIAN }, [OFF])).toEqual([
      ["$ update-binfmts --disable qemu-arm", "$ update-binfmts --enable qemu-arm"],
    ]);
  });

  test("must be systemd's where Debian's does not know them all, and be given the files", () => {
    const files = "/usr/lib/binfmt.d/qemu-arm.conf /usr/lib/binfmt.d/qemu-aarch64.conf";
    expect(plan("host", { host: { ...SYSTEMD, updateBinfmts: ["qemu-arm"] } })).toEqual([
      [`$ /usr/lib/systemd/systemd-binfmt ${files}`],
    ]);
  });

  test("must be refused where none knows them all", () => {
    const none = "this host has no tool that knows how to register it";
    expect(plan("host")).toBe(none);
    expect(plan("host", { host: DEBIAN }, [finding("linux/riscv64")])).toBe(none);
    expect(plan("host", { host: SYSTEMD }, [finding("linux/riscv64")])).toBe(none);
  });

  test("must be refused where the engine is elsewhere", () => {
    expect(plan("host", { host: null })).toBe("emulators is host, but the engine runs on another kernel");
  });
});

describe("the images", () => {
  test.each([
    ["tonistiigi/binfmt", ["$ docker run --privileged --rm IMAGE --install arm,arm64"]],
    [
      "multiarch/qemu-user-static",
      ["$ docker run --rm --privileged IMAGE --reset -p yes", "  (it replaces every entry called qemu-*)"],
    ],
    [
      "linuxkit/binfmt",
      ["$ docker run --rm --privileged IMAGE", "  (it replaces the entries of all emulators that it has)"],
    ],
  ])("%s must get its own arguments, under every name that it has", (name, lines) => {
    for (const image of [
      name,
      `${name}:v9`,
      `docker.io/${name}`,
      `127.0.0.1:5000/${name}:v9`,
      `mirror.example/hub/${name}@sha256:${"a".repeat(64)}`,
    ]) {
      expect(plan({ image })).toEqual([lines.map((line) => line.replace("IMAGE", image))]);
    }
  });

  test("tonistiigi/binfmt must first take away an entry that is switched off", () => {
    expect(plan({ image: "tonistiigi/binfmt" }, {}, [OFF])).toEqual([
      ["$ docker run --privileged --rm tonistiigi/binfmt --uninstall qemu-arm --install arm"],
    ]);
  });

  test.each([
    "alpine",
    "binfmt",
    "evil/binfmt",
    "tonistiigi/binfmt/more",
    "xtonistiigi/binfmt",
    "--privileged",
    "",
    "tonistiigi/binfmt --install all",
  ])("an image of which nothing is known must be refused: %s", (image) => {
    expect(plan({ image })).toBe(
      `it is not known how the image ${JSON.stringify(image)} registers emulators`,
    );
  });

  test.each(["register", "x86_64-arm", "x86_64-arm-7.2.0-1"])(
    "multiarch/qemu-user-static:%s must be refused: it cannot set the F flag",
    (tag) => {
      const image = `multiarch/qemu-user-static:${tag}`;
      expect(plan({ image })).toContain("cannot register emulators for all containers");
    },
  );
});

describe("auto", () => {
  const PULLED = ["$ docker run --privileged --rm tonistiigi/binfmt --install arm,arm64"];

  test("must prefer the host's tool and fall back to an image", () => {
    expect(plan("auto", { host: DEBIAN })).toEqual([
      ["$ update-binfmts --enable qemu-arm", "$ update-binfmts --enable qemu-aarch64"],
      PULLED,
    ]);
  });

  test("must pull tonistiigi/binfmt where there is nothing", () => {
    expect(plan("auto")).toEqual([PULLED]);
    expect(plan("auto", { host: null })).toEqual([PULLED]);
  });

  test("must take the image that the engine has, the gentlest first", () => {
    const images = ["alpine:latest", "linuxkit/binfmt:v0.8", "multiarch/qemu-user-static:latest"];
    expect(plan("auto", { images })).toEqual([
      [
        "$ docker run --rm --privileged multiarch/qemu-user-static:latest --reset -p yes",
        "  (it replaces every entry called qemu-*)",
      ],
    ]);
    expect(plan("auto", { images: [...images, "tonistiigi/binfmt:v9"] })).toEqual([
      ["$ docker run --privileged --rm tonistiigi/binfmt:v9 --install arm,arm64"],
    ]);
  });

  test("must leave out what cannot work: no script inside, or published for x86-64 alone", () => {
    expect(plan("auto", { images: ["multiarch/qemu-user-static:register"] })).toEqual([PULLED]);
    expect(plan("auto", { engine: "arm64", images: ["multiarch/qemu-user-static:latest"] })).toEqual([
      PULLED,
    ]);
  });

  test("must run nothing with all rights because somebody's image has such a name", () => {
    expect(plan("auto", { images: ["somewhere.example/tonistiigi/binfmt:latest", "<bad>", "A/B"] })).toEqual([
      PULLED,
    ]);
  });
});

describe("none", () => {
  test("must be refused, saying both ways", () => {
    const answer = waysFor("none", [ARM, ARM64], { engine: "amd64", host: DEBIAN, images: [] });
    expect(answer).toEqual({
      ok: false,
      why: "emulators is none, so nothing is registered here",
      hint:
        "On Debian and Ubuntu: apt-get install qemu-user-static binfmt-support, then " +
        "update-binfmts --enable qemu-arm && update-binfmts --enable qemu-aarch64. " +
        "Anywhere: docker run --privileged --rm tonistiigi/binfmt --install arm,arm64",
    });
  });
});
