// An SD card is written to when something changes, and not when nothing does: the agent looks many hundred times, its
// tokens end, the registry counts down, webhooks arrive and it is started again, and its state directory stays as it was.
// LOOKS=n looks longer.
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { appImage } from "../../lab/images.ts";
import { pushImage } from "../../lab/push.ts";
import { freePort, startRegistry } from "../../lab/registry.ts";
import { startTokenServer } from "../../lab/token-server.ts";
import type { Daemon } from "../daemon/daemon.ts";
import { eventually } from "../daemon/process.ts";
import { daemon, EACH_SECOND } from "../daemon/support.ts";
import { countingProxy } from "../registry/support.ts";

const LOOKS = Number(process.env.LOOKS ?? 90);
/** Of the long run: three lives, each with its share of the looks. */
const LIVES = 3;
const PAGE_BYTES = 4096;
const TOKEN_LIFE_S = 3;

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A registry with tokens that end soon, and a limit that goes down with each answer. */
async function countingRegistry() {
  const tokens = await startTokenServer({ users: { me: "secret" }, lifetime: TOKEN_LIFE_S });
  ends.push(() => tokens.stop());
  const registry = await startRegistry({ auth: { kind: "token", ...tokens } });
  ends.push(() => registry.stop());
  const left = { count: 1_000_000 };
  const proxy = await countingProxy(registry.address, () => {
    left.count -= 1;
    return { "ratelimit-limit": "2000000;w=21600", "ratelimit-remaining": `${left.count};w=21600` };
  });
  ends.push(() => proxy.stop());
  const push = async (repository: string, version: string): Promise<void> => {
    const authorization = `Basic ${Buffer.from("me:secret").toString("base64")}`;
    const url = `${tokens.realm}?service=x&scope=repository:${repository}:pull,push`;
    const { token } = (await (await fetch(url, { headers: { authorization } })).json()) as { token: string };
    const target = { address: registry.address, repository, authorization: `Bearer ${token}` };
    await pushImage(target, "latest", await appImage({ arch: "amd64", version, behaviour: "serve" }));
  };
  const looks = (): number => proxy.seen.filter((line) => line.startsWith("HEAD ")).length;
  return { tokens, proxy, push, looks };
}

/** Everything in the directory: names, sizes, inodes, and when content or inode last changed. The lock is a start's. */
function pictureOf(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/\/lock(-[0-9a-f]+\.sock)?$/.test(path))
    .sort()
    .map((path) => {
      const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
      return statSync(path).isDirectory() ? path : `${path} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
    });
}

/** Bytes that the process made the kernel write to a disk so far. */
function writtenBy(made: Daemon): number {
  const text = readFileSync(`/proc/${made.process?.child.pid}/io`, "utf8");
  return Number(/^write_bytes: (\d+)$/m.exec(text)?.[1]);
}

async function hook(made: Daemon, token: string, repository: string): Promise<number> {
  const body = JSON.stringify({ image: `${repository}:latest` });
  const headers = { "content-type": "application/json", connection: "close" };
  return (await fetch(`${made.base}/hooks/generic/${token}`, { method: "POST", headers, body })).status;
}

type Counting = Awaited<ReturnType<typeof countingRegistry>>;

/** Version 1 is pushed; the daemon is not yet started. */
async function boardOn({ proxy, push }: Counting) {
  const listen = `127.0.0.1:${await freePort()}`;
  const made = await daemon({ compose: "services: {}\n" }, { ...EACH_SECOND, http: { listen } });
  const repository = `public/${made.world.project}/web`;
  const image = `${proxy.address}/${repository}`;
  await made.world.writeCompose(`services:\n  web: {image: "${image}", restart: unless-stopped}\n`);
  const token = randomBytes(32).toString("base64url");
  const tokenFile = join(made.world.directory, "../../hook-token");
  writeFileSync(tokenFile, `${token}\n`, { mode: 0o600 });
  const config = JSON.parse(readFileSync(made.config, "utf8")) as object;
  writeFileSync(made.config, JSON.stringify({ ...config, webhooks: { token_file: tokenFile } }));
  await push(repository, "1");
  return { made, image, token };
}

it("an agent that finds nothing new must write nothing, however often it looks, is told or is started", async () => {
  const registry = await countingRegistry();
  const { tokens, looks } = registry;
  const { made, image, token } = await boardOn(registry);
  await made.start();
  await made.comesToAnswer("web", "1");
  await made.settles();
  // What follows a rollout: the look that tidies up, and the last of its answers.
  const settled = looks();
  await eventually(
    async () => looks(),
    (seen) => seen > settled + 3,
  );
  const before = pictureOf(made.world.state);
  const asked = tokens.asked.length;
  let counted = 0;
  for (let life = 0; life < LIVES; life += 1) {
    if (life > 0) {
      expect((await made.end()).code).toBe(0);
      expect(pictureOf(made.world.state), `end ${life}`).toEqual(before);
      await made.start();
    }
    const begun = looks();
    await eventually(
      async () => looks(),
      (seen) => seen > begun,
    );
    const written = writtenBy(made);
    // A token has to end in each life too, however quickly the looks follow each other.
    while (looks() < begun + LOOKS / LIVES || tokens.asked.length < asked + 2 * (life + 1)) {
      const now = looks();
      const kind = now % 3;
      if (kind === 0) expect(await hook(made, token, image)).toBe(202);
      else if (kind === 1) await made.post(`/api/v1/projects/${made.world.project}/check`);
      await eventually(
        async () => looks(),
        (seen) => seen > now,
      );
    }
    counted += looks() - begun;
    expect(pictureOf(made.world.state), `life ${life}`).toEqual(before);
    // One write a look would be as many pages as looks; the kernel counts a file's time of access as one of its reader's.
    expect(writtenBy(made) - written, `life ${life}`).toBeLessThanOrEqual(2 * PAGE_BYTES);
  }
  expect(counted).toBeGreaterThanOrEqual(LOOKS);
  expect(tokens.asked.length).toBeGreaterThanOrEqual(asked + 2 * LIVES);
  expect((await made.world.containers()).length).toBe(1);
});
