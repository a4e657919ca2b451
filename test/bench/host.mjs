// The machine that pushes: an engine of its own with the docker client, so that what it pushes is new to the board.
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { engineAt } from "../../deploy/dev/lib/engine.mjs";
import { endRecorded, livePid, startDetached, until } from "../../deploy/dev/lib/process.mjs";
import { image, registry, release } from "./stage.mjs";

/** @param {string} directory */
export async function startHost(directory) {
  const home = join(directory, "host");
  mkdirSync(join(home, "exec"), { recursive: true });
  const host = `unix://${join(home, "docker.sock")}`;
  const record = join(home, "dockerd.json");
  const folders = ["--data-root", join(home, "data"), "--exec-root", join(home, "exec")];
  const own = ["-H", host, "-p", join(home, "dockerd.pid")];
  // It runs nothing, so it needs no network for containers.
  const bare = ["--bridge=none", "--iptables=false", "--ip-forward=false"];
  startDetached("dockerd", [...own, ...folders, ...bare], { log: join(home, "dockerd.log"), record });
  const up = await until(async () => livePid(record) === null || (await engineAt(host).answers()), 60_000);
  if (!up || livePid(record) === null) throw new Error(`dockerd did not start; see ${home}/dockerd.log`);

  /** @param {readonly string[]} words */
  const docker = (...words) => {
    const run = spawnSync("docker", ["--host", host, ...words], { encoding: "utf8" });
    if (run.status !== 0) throw new Error(`docker ${words.join(" ")}: ${run.stderr}`);
  };
  return {
    /**
     * The image is in this engine, ready to be pushed as the one that the board runs.
     * @param {string} version
     */
    async prepare(version) {
      const source = `${registry}/bench/source:latest`;
      await release(version, "bench/source");
      docker("pull", "--quiet", source);
      docker("tag", source, image);
    },
    push: () => docker("push", "--quiet", image),
    end: () => endRecorded(record, 60_000),
  };
}
