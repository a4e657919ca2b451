// Images for the smoke stage: pushed to the run's registry without an engine, pulled, and tagged as a build would.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type ImageSpec, pushImage } from "./push.ts";

const run = promisify(execFile);

export interface SmokeLab {
  readonly engineHost: string;
  readonly registryAddress: string;
}

/** Puts the image on the engine under a local tag, which is returned. */
export async function imageOnEngine(lab: SmokeLab, name: string, spec: ImageSpec): Promise<string> {
  const repository = `smoke/${name}`;
  const { digest } = await pushImage({ address: lab.registryAddress, repository }, "latest", spec);
  const remote = `${lab.registryAddress}/${repository}@${digest}`;
  const local = `boardhand-test/${name}:local`;
  await docker(lab, "pull", "--quiet", remote);
  await docker(lab, "tag", remote, local);
  return local;
}

/** Standard output of one docker command on the run's engine. */
export async function docker({ engineHost }: SmokeLab, ...words: string[]): Promise<string> {
  const { stdout } = await run("docker", ["-H", engineHost, ...words], { timeout: 300_000 });
  return stdout.trim();
}

/** Names of the containers that the smoke stage made and left. */
export async function leftContainers(lab: SmokeLab): Promise<readonly string[]> {
  const filter = "label=io.boardhand.smoke";
  const names = await docker(lab, "ps", "--all", "--filter", filter, "--format", "{{.Names}}");
  return names.split("\n").filter((name) => name !== "");
}
