// `make release VERSION=…`: pushes that version of the sample, and leaves the rest to the agent.
import { giveUp, packageCache, recall, remember } from "./lib/paths.mjs";
import { whatAnswers } from "./lib/registry.mjs";
import { pushSample } from "./lib/sample.mjs";

const version = process.env.VERSION ?? "";
const memory = recall();

if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/.test(version) || version === "latest") {
  giveUp("Say which version: make release VERSION=2 (or VERSION=broken, which fails its health check)", 2);
}
if (memory === null || memory.projects !== null || (await whatAnswers(memory.registryPort)) !== "registry") {
  giveUp("The sample is not running. Start it first, in another terminal: make run", 1);
}
try {
  const registry = `http://127.0.0.1:${memory.registryPort}`;
  const pushed = await pushSample({ registry, version, cache: packageCache });
  remember({ ...memory, pushed: [...new Set([...memory.pushed, ...pushed])] });
  console.log(`Pushed version ${version} of hello/web and hello/worker to ${registry}.`);
  console.log(
    `The registry tells the agent, which also looks every five seconds; watch it arrive: http://localhost:${memory.port}`,
  );
} catch (error) {
  giveUp(error instanceof Error ? error.message : String(error), 1);
}
