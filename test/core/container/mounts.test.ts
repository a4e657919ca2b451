// Volumes: Binds where they are enough, Mounts where not, and no data left behind in a replaced container.
import { describe, expect, it } from "vitest";
import { containerBody } from "../../../src/core/container/index.ts";
import type { ObservedMount, VolumeMountSpec } from "../../../src/core/model/index.ts";
import { input } from "./builders.ts";

function sent(
  volumes: readonly VolumeMountSpec[],
  parts: Parameters<typeof input>[1] = {},
): { readonly Binds: unknown; readonly Mounts: unknown } {
  const { Binds, Mounts } = containerBody(input({ volumes }, parts)).HostConfig as Record<string, unknown>;
  return { Binds, Mounts };
}

function old(parts: Partial<ObservedMount> = {}): ObservedMount {
  return { type: "volume", name: "f00", source: "/x/f00", destination: "/img", writable: true, ...parts };
}

describe("volumes", () => {
  it.each<[string, VolumeMountSpec, string]>([
    [
      "a short bind",
      { type: "bind", source: "/a", target: "/b", bind: { create_host_path: true } },
      "/a:/b:rw",
    ],
    [
      "a read-only bind with a label",
      {
        type: "bind",
        source: "/a",
        target: "/b",
        read_only: true,
        bind: { create_host_path: true, selinux: "z" },
      },
      "/a:/b:ro,z",
    ],
    ["a long bind without options", { type: "bind", source: "/a", target: "/b" }, "/a:/b:rw"],
    [
      "a named volume by its real name",
      { type: "volume", source: "data", target: "/b", volume: {} },
      "p_data:/b:rw",
    ],
    [
      "a volume without an options key, or with empty ones",
      { type: "volume", source: "data", target: "/b", volume: { nocopy: false, subpath: "", labels: {} } },
      "p_data:/b:rw",
    ],
    [
      "a volume that says no more than its name",
      { type: "volume", source: "data", target: "/b" },
      "p_data:/b:rw",
    ],
    [
      "a volume that is labelled and propagated",
      {
        type: "volume",
        source: "data",
        target: "/b",
        bind: { selinux: "Z", propagation: "rslave" },
        volume: {},
      },
      "p_data:/b:rw,Z,rslave",
    ],
    [
      "a bind that says not to copy",
      {
        type: "bind",
        source: "/a",
        target: "/b",
        bind: { create_host_path: true },
        volume: { nocopy: true },
      },
      "/a:/b:rw,nocopy",
    ],
    ["a volume that the project does not name", { type: "volume", source: "x", target: "/b" }, "x:/b:rw"],
    [
      "a bind whose options are empty",
      {
        type: "bind",
        source: "/a",
        target: "/b",
        bind: { create_host_path: true, propagation: "", selinux: "" },
      },
      "/a:/b:rw",
    ],
  ])("%s must be a Binds entry", (_title, volume, bind) => {
    expect(sent([volume])).toEqual({ Binds: [bind], Mounts: [] });
  });

  it.each<[string, VolumeMountSpec, Record<string, unknown>]>([
    [
      "a bind that must exist",
      { type: "bind", source: "/a", target: "/b", bind: {} },
      { Type: "bind", Source: "/a", Target: "/b", BindOptions: {} },
    ],
    [
      "a bind with propagation",
      {
        type: "bind",
        source: "/a",
        target: "/b",
        read_only: true,
        bind: { create_host_path: true, propagation: "rslave" },
      },
      {
        Type: "bind",
        Source: "/a",
        Target: "/b",
        ReadOnly: true,
        BindOptions: { Propagation: "rslave", CreateMountpoint: true },
      },
    ],
    [
      "an anonymous volume",
      { type: "volume", target: "/b", volume: {} },
      { Type: "volume", Target: "/b", VolumeOptions: {} },
    ],
    [
      "a volume with options",
      {
        type: "volume",
        source: "data",
        target: "/b",
        consistency: "cached",
        volume: { nocopy: true, subpath: "s", labels: { l: "1" } },
      },
      {
        Type: "volume",
        Source: "p_data",
        Target: "/b",
        Consistency: "cached",
        VolumeOptions: { NoCopy: true, Subpath: "s", Labels: { l: "1" } },
      },
    ],
    [
      "a tmpfs",
      { type: "tmpfs", target: "/t", tmpfs: { size: 5, mode: 0o1777 } },
      { Type: "tmpfs", Target: "/t", TmpfsOptions: { SizeBytes: 5, Mode: 1023 } },
    ],
    [
      "a volume without copying",
      { type: "volume", source: "data", target: "/b", volume: { nocopy: true } },
      { Type: "volume", Source: "p_data", Target: "/b", VolumeOptions: { NoCopy: true } },
    ],
    [
      "a enabled bind",
      {
        type: "bind",
        source: "/a",
        target: "/b",
        bind: { create_host_path: true, recursive: "enabled" },
      },
      { Type: "bind", Source: "/a", Target: "/b", BindOptions: { CreateMountpoint: true } },
    ],
    [
      "a disabled bind",
      {
        type: "bind",
        source: "/a",
        target: "/b",
        bind: { create_host_path: true, recursive: "disabled" },
      },
      {
        Type: "bind",
        Source: "/a",
        Target: "/b",
        BindOptions: { CreateMountpoint: true, NonRecursive: true },
      },
    ],
    [
      "a writable bind",
      {
        type: "bind",
        source: "/a",
        target: "/b",
        bind: { create_host_path: true, recursive: "writable" },
      },
      {
        Type: "bind",
        Source: "/a",
        Target: "/b",
        BindOptions: { CreateMountpoint: true, ReadOnlyNonRecursive: true },
      },
    ],
    [
      "a readonly bind",
      {
        type: "bind",
        source: "/a",
        target: "/b",
        bind: { create_host_path: true, recursive: "readonly" },
      },
      {
        Type: "bind",
        Source: "/a",
        Target: "/b",
        BindOptions: { CreateMountpoint: true, ReadOnlyForceRecursive: true },
      },
    ],
    [
      "a part of a volume",
      { type: "volume", source: "data", target: "/b", volume: { subpath: "s" } },
      { Type: "volume", Source: "p_data", Target: "/b", VolumeOptions: { Subpath: "s" } },
    ],
    [
      "a volume with labels alone",
      { type: "volume", source: "data", target: "/b", volume: { labels: { l: "1" } } },
      { Type: "volume", Source: "p_data", Target: "/b", VolumeOptions: { Labels: { l: "1" } } },
    ],
    [
      "a bind without a source",
      { type: "bind", target: "/b", consistency: "" },
      { Type: "bind", Source: "", Target: "/b", BindOptions: {} },
    ],
    [
      "a tmpfs that says no more, its source meaning nothing",
      { type: "tmpfs", source: "x", target: "/t" },
      { Type: "tmpfs", Target: "/t", TmpfsOptions: {} },
    ],
  ])("%s must be a Mounts entry", (_title, volume, mount) => {
    expect(sent([volume])).toStrictEqual({ Binds: [], Mounts: [mount] });
  });

  it("must send CreateMountpoint to an engine that passes over it, as docker compose does", () => {
    const bind: VolumeMountSpec = {
      type: "bind",
      source: "/a",
      target: "/b",
      bind: { propagation: "rslave", create_host_path: true },
    };
    expect(sent([bind], { apiVersion: "1.41" }).Mounts).toMatchObject([
      { BindOptions: { Propagation: "rslave", CreateMountpoint: true } },
    ]);
  });
});

describe("inheritance", () => {
  const image = { reference: "x", imageId: "sha256:1", volumes: ["/img"] };

  it("must carry over the volume behind a destination that the new image declares", () => {
    expect(sent([], { image, inherit: [old({ writable: false })] }).Mounts).toEqual([
      { Type: "volume", Source: "f00", Target: "/img", ReadOnly: true },
    ]);
  });

  it("must carry over an anonymous volume of the file in place of a new one", () => {
    const anonymous: VolumeMountSpec = { type: "volume", target: "/anon", volume: {} };
    expect(sent([anonymous], { inherit: [old({ destination: "/anon" })] }).Mounts).toEqual([
      { Type: "volume", Source: "f00", Target: "/anon", ReadOnly: false },
    ]);
  });

  it("must carry over a directory of the host by its path", () => {
    const bound = old({ type: "bind", source: "/srv/x" });
    expect(sent([], { image, inherit: [bound] }).Mounts).toEqual([
      { Type: "bind", Source: "/srv/x", Target: "/img", ReadOnly: false },
    ]);
  });

  it("must not carry a volume over to where the file now wants something else without a source", () => {
    const tmpfs: VolumeMountSpec = { type: "tmpfs", target: "/img" };
    expect(sent([tmpfs], { image, inherit: [old()] }).Mounts).toMatchObject([{ Type: "tmpfs" }]);
  });

  it("must let a source in the file win, and forget what nobody declares any more", () => {
    const named: VolumeMountSpec = { type: "volume", source: "data", target: "/img", volume: {} };
    expect(sent([named], { image, inherit: [old(), old({ destination: "/gone" })] })).toEqual({
      Binds: ["p_data:/img:rw"],
      Mounts: [],
    });
  });

  it("must carry over no tmpfs, neither an old one nor over one that the file asks for", () => {
    expect(sent([], { image, inherit: [old({ type: "tmpfs" })] }).Mounts).toEqual([]);
    const body = containerBody(input({ tmpfs: ["/img:size=1m"] }, { image, inherit: [old()] }));
    expect(body.HostConfig).toMatchObject({ Mounts: [], Tmpfs: { "/img": "size=1m" } });
  });
});
