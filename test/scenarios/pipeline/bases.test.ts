// Debian's mirrors bring their files up to date one after the other. Here one serves an index that is not the one its
// signed Release names, under one of the release's two names or both, or has come to another release altogether.
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { debianSource } from "../../../deploy/dev/lib/debian.mjs";
import { baseLayer } from "../../lab/bases.mjs";
import type { KeptLayer } from "../../lab/layers.mjs";
import { type RunningNginx, startNginx } from "../../lab/nginx.ts";

const LAYER = /^base-node-amd64-[0-9a-f]{12}-[0-9a-f]{12}$/;
const URI = / (https?:\S+?)\/? /;
/** Of the machine's own mirror, which is what this one passes on. */
const behind = URI.exec(debianSource("trixie"))?.[1] ?? "";

const pass = (path: string, from = path): string =>
  `location /debian/${path} { proxy_pass ${behind}/${from}; proxy_http_version 1.1; proxy_ssl_server_name on; }`;
const whole = pass("");
const staleTrixie = pass("dists/trixie/main/", "dists/bookworm/main/");
const freshStable = pass("dists/stable/", "dists/trixie/");
const staleStable = pass("dists/stable/main/", "dists/bookworm/main/");
const stableIsAnother = pass("dists/stable/", "dists/bookworm/");

let cache = "";
let mirror: RunningNginx | null = null;

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), "boardhand-bases-"));
});

afterEach(async () => {
  await mirror?.stop();
  mirror = null;
  await rm(cache, { recursive: true, force: true });
});

async function startMirror(...locations: readonly string[]): Promise<void> {
  mirror = await startNginx({ server: [whole, ...locations].join("\n") });
}

async function layer(): Promise<KeptLayer> {
  const sourceOf = (suite: string) => debianSource(suite).replace(URI, ` http://${mirror?.address}/debian `);
  return await baseLayer("node", "amd64", { cache, sourceOf });
}

describe("base images from a mirror that is between two states", () => {
  test("must be made under the release's other name, and kept", async () => {
    await startMirror(staleTrixie, freshStable);
    const made = await layer();
    const kept = await readdir(cache);
    expect(kept).toEqual([expect.stringMatching(LAYER)]);
    expect(made.file).toBe(join(cache, kept[0] ?? "", "layer.tar.gz"));
    const written = (await stat(made.file)).mtimeMs;
    expect(await layer()).toEqual(made);
    expect((await stat(made.file)).mtimeMs).toBe(written);
  });

  test("must be refused when neither name is whole, saying of both what apt said", async () => {
    await startMirror(staleTrixie, freshStable, staleStable);
    const refused = expect(layer()).rejects;
    await refused.toThrow(/of trixie failed:.*unexpected size.*of stable failed:.*unexpected size/s);
    expect(await readdir(cache)).toEqual([]);
  });

  test("must not be made of another release that has taken the other name", async () => {
    await startMirror(staleTrixie, stableIsAnother);
    const refused = expect(layer()).rejects;
    await refused.toThrow(/of stable failed:.*not trixie/s);
    expect(await readdir(cache)).toEqual([]);
  });
});
