// Where the disk of images is seen, over small ports; on a real engine: test/scenarios/disk.
import { describe, expect, it } from "vitest";
import type { ObservedContainer } from "../../src/core/model/index.ts";
import { freeForImages } from "../../src/reconcile/free-space.ts";

interface Scene {
  /** Free bytes by path; what is not named is not there. */
  readonly free: Readonly<Record<string, number>>;
  readonly candidates?: readonly string[];
  /** Ids that the engine knows. */
  readonly known?: readonly string[];
  readonly store?: "classic" | "containerd";
  readonly address?: string;
}

function seen({
  free,
  candidates = [],
  known = [],
  store = "classic",
  address = "unix:///run/x.sock",
}: Scene) {
  return freeForImages(
    { dataRoot: "/data-root", store },
    {
      host: { freeBytes: async (path) => free[path] ?? null, ownContainerIds: async () => candidates },
      engine: {
        inspectContainer: async (id) => (known.includes(id) ? ({ id } as ObservedContainer) : null),
      },
      config: { docker: { host: address, tls: null } },
    },
  );
}

describe("free space for images", () => {
  const all = { "/data-root": 1, "/etc/hostname": 2, "/": 3, "/var/lib/containerd": 4 };

  it("must be the data root's outside of a container", async () => {
    expect(await seen({ free: all })).toEqual({ bytes: 1, seenAt: "/data-root" });
    expect(await seen({ free: {} })).toBeNull();
  });

  it("must be seen by the engine's own files in a container of that engine, the data root's path not being its", async () => {
    const inside = { free: all, candidates: ["cgroup", "self"], known: ["self"] };
    expect(await seen(inside)).toEqual({ bytes: 2, seenAt: "/etc/hostname" });
    expect(await seen({ ...inside, store: "containerd" })).toEqual({ bytes: 3, seenAt: "/" });
  });

  it("must not be seen by the files of a container that another engine runs", async () => {
    expect(await seen({ free: all, candidates: ["foreign"] })).toEqual({ bytes: 1, seenAt: "/data-root" });
  });

  it("must be unknown for an engine on another machine", async () => {
    expect(await seen({ free: all, address: "tcp://10.0.0.2:2375" })).toBeNull();
    expect(await seen({ free: all, address: "tcp://localhost.lan:2375" })).toBeNull();
    expect(await seen({ free: all, address: "tcp://127.0.0.1:2375" })).toMatchObject({ bytes: 1 });
  });

  it("must be the smaller of both places where a containerd of its own keeps the images", async () => {
    const store = "containerd";
    expect(await seen({ free: { ...all, "/data-root": 9 }, store })).toEqual({
      bytes: 4,
      seenAt: "/var/lib/containerd",
    });
    expect(await seen({ free: { "/data-root": 9 }, store })).toEqual({ bytes: 9, seenAt: "/data-root" });
  });
});
