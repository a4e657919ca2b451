// An agent in a container updates itself to what its tag means now, however it was started.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, inject, it, vi } from "vitest";
import { compose, composeBinary } from "../../lab/compose.ts";
import { eventually } from "../daemon/process.ts";
import { type Inspected, type Own, UPDATE_MS, withOwn } from "./own.ts";

vi.setConfig({ testTimeout: 2 * UPDATE_MS });

let own: Own;
withOwn((made) => {
  own = made;
});

describe("an agent made by docker run", () => {
  it("must update itself with its published port, and leave nothing of the update behind", async () => {
    const image = own.name();
    await own.publish(image, "1", [], true);
    const port = await own.freePort();
    const words = ["--publish", `127.0.0.1:${port}:8080`];
    await own.start("bhself-port", image, { words });
    const before = await own.container("bhself-port");
    await own.publish(image, "2");
    const after = await own.becomes("bhself-port", "2");
    expect(after.Id).not.toBe(before?.Id);
    expect(after.HostConfig.RestartPolicy).toEqual({ Name: "unless-stopped", MaximumRetryCount: 0 });
    await isWell(port);
  });

  it("must keep the host's network, a read-only root, limits, addresses and what it was told", async () => {
    const image = own.name();
    await own.publish(image, "1", [], true);
    const port = await own.freePort();
    const words = ["--network", "host", "--read-only", "--tmpfs", "/tmp:size=8m", "--memory", "200m"];
    const told = [
      "--env",
      `BOARDHAND_HTTP__LISTEN=127.0.0.1:${port}`,
      "--label",
      "mine=1",
      "--volume",
      "/extra",
    ];
    await own.start("bhself-host", image, { words: [...words, ...told] });
    const before = await own.container("bhself-host");
    await own.publish(image, "2");
    const after = await own.becomes("bhself-host", "2");
    expect(after.Config.Labels.mine).toBe("1");
    for (const key of ["NetworkMode", "ReadonlyRootfs", "Tmpfs", "Memory", "Binds", "LogConfig"])
      expect(after.HostConfig[key], key).toEqual(before?.HostConfig[key]);
    expect(namelessOf(after)).toEqual(namelessOf(before));
    await isWell(port);
  });
});

describe("two agents of one engine", () => {
  it("exactly one must act, and the other must take over when it is gone", async () => {
    const image = own.name();
    await own.publish(image, "1", [], true);
    await own.start("bhself-one", image);
    await own.start("bhself-two", image);
    await eventually(
      () => own.status("bhself-two"),
      (status) => status?.agent.standby?.includes("bhself-one") === true,
    );
    const one = await eventually(
      () => own.status("bhself-one"),
      (status) => status !== null,
    );
    expect(one?.agent.standby).toBeNull();
    await eventually(
      () => own.docker.run("exec", "bhself-two", "boardhand", "status", "--health"),
      ({ status }) => status === 0,
    );
    await own.docker.ok("stop", "bhself-one");
    await eventually(
      () => own.status("bhself-two"),
      (seen) => seen !== null && seen.agent.standby === null,
    );
  });
});

describe("an agent that is a service of a project that it manages", () => {
  it("must be made anew from the compose file, and no look at the project may touch it", async () => {
    const image = own.name();
    await own.publish(image, "1", [], true);
    const projects = join(own.directory, "managed");
    const directory = join(projects, "bhself");
    await mkdir(directory, { recursive: true });
    const config = await own.configure({ projects });
    const write = (told: string) =>
      writeFile(join(directory, "compose.yaml"), managed(image, config, projects, told));
    await write("first");
    own.toBeRemoved("bhself-agent");
    const binary = await composeBinary();
    await compose({ binary, engineHost: inject("engineHost"), directory }, "up", "--detach");
    await own.publish(image, "2");
    await write("second");
    const after = await own.becomes("bhself-agent", "2");
    expect(after.Config.Labels).toMatchObject({
      "com.docker.compose.project": "bhself",
      "com.docker.compose.service": "agent",
      told: "second",
    });
    const status = await own.status("bhself-agent");
    expect(status?.projects.map(({ name, notes }) => ({ name, notes }))).toEqual([
      { name: "bhself", notes: ["agent is this agent: it updates itself"] },
    ]);
  });
});

function managed(image: string, config: string, projects: string, told: string): string {
  return `
services:
  agent:
    image: ${image}
    container_name: bhself-agent
    restart: unless-stopped
    labels: {told: ${told}}
    volumes:
      - ${own.socket}:/var/run/docker.sock
      - ${config}:/etc/boardhand/boardhand.yml:ro
      - ${projects}:${projects}:ro
      - state:/data
volumes: {state: {name: bhself-agent-state}}
`;
}

/** Whoever took over listens on the board's port. */
async function isWell(port: number): Promise<void> {
  const headers = { connection: "close" };
  await eventually(
    () =>
      fetch(`http://127.0.0.1:${port}/healthz`, { headers }).then(
        ({ status }) => status,
        () => 0,
      ),
    (status) => status === 200,
  );
}

/** Volumes that only the engine has a name for. */
function namelessOf(container: Inspected | null): readonly string[] {
  return (container?.Mounts ?? []).flatMap(({ Name, Destination }) =>
    Name !== undefined && /^[0-9a-f]{64}$/.test(Name) ? [`${Name} ${Destination}`] : [],
  );
}
