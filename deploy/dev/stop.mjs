// `make stop`: ends and removes what `make run` started or made, and nothing else. Safe to repeat.
import { existsSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { stopEngine } from "./lib/dockerd.mjs";
import { engineAt, labelled } from "./lib/engine.mjs";
import { recall, records, runDirectory, sampleDirectory, sampleProject } from "./lib/paths.mjs";
import { endRecorded } from "./lib/process.mjs";
import { deleteManifest } from "./lib/push.mjs";
import { sampleRepositories } from "./lib/sample.mjs";

/** @typedef {import("./lib/paths.mjs").Memory} Memory */

const memory = recall();
if (memory === null) {
  console.log("Nothing to stop.");
} else {
  if (await endRecorded(records.agent, 120_000)) console.log("  agent     ended");
  if (memory.projects === null) await removeSample(memory);
  if (memory.engine !== "found") {
    await stopEngine(memory.engine, memory.before);
    console.log("  engine    ended");
  }
}
if (existsSync(runDirectory)) rmSync(runDirectory, { recursive: true, maxRetries: 5 });
removeIfEmpty(dirname(runDirectory));

/** @param {Memory} run */
async function removeSample(run) {
  const engine = engineAt(run.host);
  // An engine of our own is thrown away whole, but its containers end here so that their mounts do.
  if (await engine.answers()) await removeFromEngine(run);
  if (run.ownRegistry) {
    await endRecorded(records.registry, 10_000);
    console.log("  registry  ended, its data removed");
    return;
  }
  const kept = [];
  for (const name of run.pushed) {
    const [repository = "", digest = ""] = name.split("@");
    const deleted = await deleteManifest(`http://127.0.0.1:${run.registryPort}`, repository, digest).catch(
      () => false,
    );
    if (!deleted) kept.push(name);
  }
  if (kept.length > 0) console.log(`  registry  does not allow deleting, so it keeps ${kept.join(", ")}`);
}

/** @param {Memory} run */
async function removeFromEngine(run) {
  const engine = engineAt(run.host);
  const ofProject = labelled([`com.docker.compose.project=${sampleProject}`]);
  const ofSample = labelled([
    `com.docker.compose.project=${sampleProject}`,
    `com.docker.compose.project.working_dir=${sampleDirectory}`,
  ]);
  /** @type {{ Id: string, Names: string[] }[]} */
  const containers = await engine.list(`/containers/json?all=1&${ofSample}`);
  for (const { Id } of containers) await engine.remove(`/containers/${Id}?force=1&v=1`);
  /** @type {{ Id: string }[]} */
  const networks = await engine.list(`/networks?${ofProject}`);
  for (const { Id } of networks) await engine.remove(`/networks/${Id}`);
  /** @type {{ Volumes: { Name: string }[] | null }} */
  const { Volumes } = await engine.list(`/volumes?${ofProject}`);
  for (const { Name } of Volumes ?? []) await engine.remove(`/volumes/${encodeURIComponent(Name)}`);
  const images = await removeImages(run);
  console.log(
    `  sample    removed: ${containers.length} containers, ${networks.length} networks, ${images} images`,
  );
}

/**
 * Every image that is known under a name of the sample in this run's registry.
 * @param {Memory} run
 */
async function removeImages(run) {
  const engine = engineAt(run.host);
  const prefixes = sampleRepositories.map((repository) => `127.0.0.1:${run.registryPort}/${repository}`);
  /** @type {{ Id: string, RepoTags: string[] | null, RepoDigests: string[] | null }[]} */
  const images = await engine.list("/images/json");
  const ours = images.filter(({ RepoTags, RepoDigests }) =>
    [...(RepoTags ?? []), ...(RepoDigests ?? [])].some((name) =>
      prefixes.some((prefix) => name.startsWith(prefix)),
    ),
  );
  for (const { Id } of ours) await engine.remove(`/images/${Id}?force=1`);
  return ours.length;
}

/** @param {string} folder */
function removeIfEmpty(folder) {
  const onlyPackages = existsSync(folder) && readdirSync(folder).every((name) => name === "packages");
  if (!onlyPackages) return;
  rmSync(`${folder}/packages`, { recursive: true, force: true });
  rmdirSync(folder);
}
