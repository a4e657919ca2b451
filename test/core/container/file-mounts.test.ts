// Secrets and configs that are files: the mounts docker compose asks for, in its precedence.
import { describe, expect, it } from "vitest";
import { containerBody } from "../../../src/core/container/index.ts";
import type { ServiceFile, ServiceSpec } from "../../../src/core/model/index.ts";
import { input, service } from "./builders.ts";

function file(kind: ServiceFile["kind"], target: string, mounted: string | null): ServiceFile {
  return { kind, source: "s", target, mounted, uid: null, gid: null, mode: 0o444 };
}

function mounts(files: readonly ServiceFile[], spec: Partial<ServiceSpec> = {}, parts = {}): unknown {
  const of = { ...input(spec, parts), service: service(spec, { files }) };
  return (containerBody(of).HostConfig as Record<string, unknown>).Mounts;
}

const SECRET = { Type: "bind", Source: "/s", Target: "/run/secrets/s", ReadOnly: true, BindOptions: {} };
const CONFIG = { Type: "bind", Source: "/c", Target: "/c", ReadOnly: true };

describe("a file", () => {
  it("must be a read-only mount, with empty options for a secret and none for a config", () => {
    const files = [file("secret", "/run/secrets/s", "/s"), file("config", "/c", "/c")];
    expect(mounts(files)).toEqual([SECRET, CONFIG]);
  });

  it("must not be mounted where a volume of the service or an inherited one is", () => {
    const files = [file("secret", "/run/secrets/s", "/s"), file("config", "/c", "/c")];
    expect(mounts(files, { volumes: [{ type: "bind", source: "/x", target: "/c" }] })).toEqual([SECRET]);
    const image = { reference: "x", imageId: "i", volumes: ["/c"] };
    const old = { type: "volume", name: "v", source: "/v", destination: "/c", writable: true };
    const inherited = { Type: "volume", Source: "v", Target: "/c", ReadOnly: false };
    expect(mounts(files, {}, { image, inherit: [old] })).toEqual([inherited, SECRET]);
  });

  it("of a secret must win over a config's, whichever comes first, and the later of two of a kind over the earlier", () => {
    const files = [
      file("config", "/t", "/c1"),
      file("secret", "/t", "/s1"),
      file("secret", "/t", "/s2"),
      file("config", "/u", "/c2"),
      file("config", "/u", "/c3"),
    ];
    expect(mounts(files)).toEqual([
      { ...SECRET, Source: "/s2", Target: "/t" },
      { ...CONFIG, Source: "/c3", Target: "/u" },
    ]);
  });

  it("whose text is copied must be no mount", () => {
    expect(mounts([file("secret", "/run/secrets/s", null)])).toEqual([]);
  });
});
