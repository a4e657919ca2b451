// A docker configuration of the test's own that has buildx, and nothing of the machine's: no login, no proxy, no builder.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface DockerConfig {
  /** For `DOCKER_CONFIG`. */
  readonly directory: string;
  remove(): Promise<void>;
}

/** With `withBuildx: false` only the classic builder is there. */
export async function dockerConfig(options: { readonly withBuildx?: boolean } = {}): Promise<DockerConfig> {
  const directory = await mkdtemp(join(tmpdir(), "boardhand-docker-"));
  await writeFile(join(directory, "config.json"), "{}\n");
  if (options.withBuildx !== false) {
    await mkdir(join(directory, "cli-plugins"));
    await symlink(await buildxBinary(), join(directory, "cli-plugins/docker-buildx"));
  }
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
}

async function buildxBinary(): Promise<string> {
  const { stdout } = await run(process.execPath, [join(import.meta.dirname, "buildx.mjs")], {
    timeout: 300_000,
  });
  return stdout.trim();
}
