// The agent with no more of root's powers than deploy/boardhand.service leaves it, on a read-only file system but for its
// state, against a real engine.
import { spawn } from "node:child_process";
import { chown, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, inject, it } from "vitest";
import { freePort } from "../../lab/registry.ts";
import { buildAgent, eventually } from "../daemon/process.ts";
import { ROOT } from "../pipeline/own-images.ts";
import { ended } from "./board.ts";

/** Of the state directory, and of root; then the rest of the words is run. */
const CONFINED = `mount --bind "$1" "$1" && mount -o remount,bind,ro / && shift && exec setpriv --no-new-privs "$@"`;

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "boardhand-native-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

it("the unit's agent must be well, read what is for others alone, and write nothing but its state", async () => {
  const state = join(directory, "state");
  await mkdir(state);
  await privateProject();
  const port = await freePort();
  const config = join(directory, "boardhand.json");
  await writeFile(config, JSON.stringify(configOf(state, port)));
  const main = await buildAgent();
  const words = [process.execPath, main, "run", "--config", config];
  const child = spawn(
    "unshare",
    [
      "--mount",
      "--propagation",
      "private",
      "sh",
      "-c",
      CONFINED,
      "sh",
      state,
      ...(await capabilities()),
      ...words,
    ],
    { env: { PATH: process.env.PATH ?? "", HOME: "/nonexistent" } },
  );
  const end = ended(child);
  try {
    await eventually(
      () => images(port),
      (seen) => seen.join() === "nowhere.invalid/none:1",
    );
    expect(await readFile(join(state, "lock"), "utf8")).toContain("pid");
  } finally {
    child.kill("SIGTERM");
    const { status, said } = await end;
    expect([status, said]).toEqual([0, expect.not.stringMatching(/EROFS|EACCES|EPERM/)]);
  }
});

/** Whose files only its owner may read, and whose image is nowhere. */
async function privateProject(): Promise<void> {
  const project = join(directory, "projects/hidden");
  await mkdir(project, { recursive: true });
  await writeFile(join(project, ".env"), "TAG=1\n", { mode: 0o600 });
  const compose = "services: {none: {image: nowhere.invalid/none:$TAG}}\n";
  await writeFile(join(project, "compose.yaml"), compose, { mode: 0o600 });
  for (const name of ["", ".env", "compose.yaml"]) await chown(join(project, name), 12345, 12345);
}

function configOf(state: string, port: number): unknown {
  return {
    projects: join(directory, "projects"),
    docker: { host: inject("engineHost") },
    registries: { docker_config: null },
    http: { listen: `127.0.0.1:${port}` },
    state,
  };
}

/** The unit's own line, in setpriv's words. */
async function capabilities(): Promise<readonly string[]> {
  const unit = await readFile(join(ROOT, "deploy/boardhand.service"), "utf8");
  const kept = /^CapabilityBoundingSet=(.*)$/m.exec(unit)?.[1]?.split(" ") ?? [];
  const names = kept.map((name) => `+${name.replace("CAP_", "").toLowerCase()}`);
  expect(names).toEqual(["+dac_read_search"]);
  return ["--bounding-set", ["-all", ...names].join(","), "--inh-caps", "-all"];
}

interface Status {
  readonly projects: readonly {
    readonly services: readonly { readonly image: { readonly reference: string } }[];
  }[];
}

/** What the services of its projects are made from, as the agent has read it. */
async function images(port: number): Promise<readonly string[]> {
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/status`).catch(() => null);
  const { projects } = ((await answer?.json()) ?? { projects: [] }) as Status;
  return projects.flatMap(({ services }) => services.map(({ image }) => image.reference));
}
