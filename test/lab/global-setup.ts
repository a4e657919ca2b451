// One engine and one registry for a whole run of the scenario or browser tests, stopped at its end.
import { once } from "node:events";
import { access } from "node:fs/promises";
import { get, type IncomingMessage } from "node:http";
import { delimiter, join } from "node:path";
import type { TestProject } from "vitest/node";
import { enableEmulation } from "./binfmt.ts";
import { type LabEngineOptions, startEngine } from "./engine.ts";
import { startRegistry } from "./registry.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** `unix://…` of the run's engine. */
    readonly engineHost: string;
    /** Minor number of the newest API that the run's engine speaks: 41, 51. */
    readonly engineApi: number;
    /** `host:port` of the run's registry; the engine pulls from it without TLS. */
    readonly registryAddress: string;
    /** Emulators that are registered: `qemu-arm`, `qemu-aarch64`. */
    readonly emulators: readonly string[];
  }
}

/** Binaries by the Debian package that has them. */
const NEEDED: Readonly<Record<string, string>> = {
  dockerd: "docker.io",
  containerd: "containerd",
  runc: "runc",
  ip: "iproute2",
  "docker-registry": "docker-registry",
  nginx: "nginx-light",
  "dpkg-deb": "dpkg",
};

/** Called by vitest before the tests; returns what to do after them. */
export function setup(project: TestProject): Promise<() => Promise<void>> {
  return bringUp(project, {});
}

/** The run's real parts around one kind of engine. */
export async function bringUp(project: TestProject, options: LabEngineOptions): Promise<() => Promise<void>> {
  await requireBinaries();
  const stops: (() => Promise<void>)[] = [];
  const stopAll = async (): Promise<void> => {
    for (const stop of stops.splice(0).reverse()) await stop();
  };
  try {
    const emulation = await enableEmulation();
    stops.push(emulation.restore);
    const registry = await startRegistry();
    stops.push(registry.stop);
    const engine = await startEngine(options);
    stops.push(engine.stop);
    project.provide("emulators", emulation.available);
    project.provide("registryAddress", registry.address);
    project.provide("engineHost", engine.host);
    project.provide("engineApi", await newestApi(engine.socket));
  } catch (error) {
    await stopAll();
    throw error;
  }
  return stopAll;
}

async function newestApi(socketPath: string): Promise<number> {
  const [answer] = (await once(get({ socketPath, path: "/_ping" }), "response")) as [IncomingMessage];
  answer.resume();
  return Number(String(answer.headers["api-version"]).split(".")[1]);
}

async function requireBinaries(): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error("The scenario tests start an engine: run them as root.");
  const missing: string[] = [];
  for (const [binary, name] of Object.entries(NEEDED)) {
    if (!(await isInstalled(binary))) missing.push(name);
  }
  if (missing.length === 0) return;
  const packages = missing.join(" ");
  throw new Error(`Missing for the scenario tests: apt-get install -y --no-install-recommends ${packages}`);
}

async function isInstalled(binary: string): Promise<boolean> {
  for (const directory of [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"]) {
    const found = await access(join(directory, binary)).then(
      () => true,
      () => false,
    );
    if (found) return true;
  }
  return false;
}
