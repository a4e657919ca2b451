// The agent in a container of the engine, as boards run it: its data root is not there, and its free space is told all the same.
import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { type LabEngineOptions, startEngine } from "../../lab/engine.ts";
import { buildAgent, writeConfig } from "../daemon/process.ts";
import { World } from "../world.ts";
import { currentEngine, freeBytes, MB } from "./support.ts";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../../..");
const MEGABYTES = 96;

interface Finding {
  readonly name: string;
  readonly state: string;
  readonly message: string;
}

describe.each([
  ["20.10", async (): Promise<LabEngineOptions> => ({})],
  ["a current engine", currentEngine],
])("in a container of %s", (_, options) => {
  it("the free space of the data root must be told, although it is no directory there", async () => {
    const lab = await startEngine({ ...(await options()), dataRootMB: MEGABYTES });
    const docker = { host: lab.host, tls: null };
    const world = await World.create({ compose: "services:\n  web: {image: REG/web}\n", config: { docker } });
    try {
      await world.push("web", "1");
      await world.look();
      const image = (await world.container("web")).imageId;
      const main = await buildAgent();
      const config = await writeConfig(world, "inside", { images: { min_free_space: "500MB" } });
      // The machine's own Node.js and this checkout, seen in a container that is otherwise its own.
      const seen = ["/usr", "/lib", "/lib64", ROOT, dirname(dirname(world.directory))];
      const mounts = seen.flatMap((path) => ["--volume", `${path}:${path}:ro`]);
      const words = ["--network", "none", "--volume", `${lab.socket}:${lab.socket}`, ...mounts];
      const doctor = [process.execPath, main, "doctor", "--json", "--config", config];
      const ask = ["--host", lab.host, "run", "--rm", ...words, image, ...doctor];
      const { stdout } = await run("docker", ask).catch((error: { stdout?: string; stderr?: string }) => {
        if (error.stdout?.startsWith("[")) return { stdout: error.stdout };
        throw new Error(`${error.stdout} ${error.stderr}`);
      });
      const found = (JSON.parse(stdout) as Finding[]).find(({ name }) => name === "disk images");
      const told = /^(\d+) MB free at the engine's (\S+) \(seen at \/etc\/hostname here\)/.exec(
        found?.message ?? "",
      );
      expect(found?.message).toBe(told?.input);
      expect(told?.[2]).toBe(lab.dataRoot);
      expect(Math.abs(Number(told?.[1]) - (await freeBytes(lab.dataRoot)) / MB)).toBeLessThan(5);
      expect(found?.state).toBe("fail");
    } finally {
      await world.destroy();
      await lab.stop();
    }
  });
});
