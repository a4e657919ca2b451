// What the agent owes to the projects of a board, whatever its processor. The tests build on each other, in their order.
import { expect, it } from "vitest";
import { type BoardKind, boards } from "../lab/boards/kinds.mjs";
import type { LabArch } from "../lab/images.ts";
import { chosenMoments } from "./moments.ts";
import type { BoardWorld } from "./world.ts";

const HELLO = `services:
  web: {image: REG/web, restart: unless-stopped, ports: ["8081:8080"]}
`;
const TAGGED = `services:
  app: {image: "REG/app:1.0", restart: unless-stopped, ports: ["8082:8080"]}
`;
const HELLO_ALONE = ["hello-web-1 running"];

/** What is there before the agent: one project by a list, one by tags that are one for each architecture. */
export async function writeProjects(world: BoardWorld): Promise<void> {
  await world.pushList("web", "1");
  for (const arch of ["amd64", "armhf", "arm64"] as const) {
    await world.pushOne("app", `1.0-${arch}`, `${arch} 1`, arch);
  }
  await world.writeProject("hello", HELLO);
  await world.writeProject("tagged", TAGGED);
}

export function deployTests(kind: BoardKind, of: () => BoardWorld): void {
  const { userland, platform, says } = boards[kind];

  it("the agent must find the platform", async () => {
    const { agent } = await of().status();
    expect(agent.platform).toEqual(platform);
    const ask = "docker version -f '{{.Server.Arch}}'; docker info -f '{{.Architecture}}'";
    expect((await of().board.ok(ask)).split("\n")).toEqual([says.arch, says.machine]);
  });

  it("it must deploy a project by the board's entry of a list", async () => {
    await of().runs("hello", "1");
    expect(await of().containers("hello")).toEqual(HELLO_ALONE);
  });

  it("it must deploy a project whose tags are one for each architecture", async () => {
    await of().runs("tagged", `${userland} 1`, 8082);
  });

  it("it must take a new version when a webhook tells of it", async () => {
    await of().pushList("web", "2");
    expect(await of().tell("web")).toBe(202);
    await of().runs("hello", "2");
    expect(await of().containers("hello")).toEqual(HELLO_ALONE);
  });

  it("it must put the old version back when the new one breaks", async () => {
    await of().pushList("web", "3", undefined, "crash");
    await of().tell("web");
    await of().comesAbout(
      "a quarantine",
      () => of().project("hello"),
      ({ quarantine }) => quarantine.length > 0,
    );
    await of().runs("hello", "2");
    expect(await of().containers("hello")).toEqual(HELLO_ALONE);
  });
}

export function holdTests(of: () => BoardWorld): void {
  const held = async () => (await of().project("hello")).services[0]?.held?.reason ?? null;

  it.each<[string, () => Promise<unknown>]>([
    ["ArchitectureMismatch", () => of().pushOne("web", "latest", "4", "amd64")],
    ["ArchitectureMissing", () => of().pushList("web", "5", ["amd64", "i386"] satisfies LabArch[])],
  ])("it must hold what is for other processors as %s, and download none of it", async (reason, push) => {
    const running = await of().answer();
    await push();
    of().registry.asked.length = 0;
    await of().tell("web");
    await of().comesAbout(reason, held, (seen) => seen === reason);
    await of().settled("hello");
    const blobs = of().registry.asked.filter(({ path }) => path.includes("/blobs/"));
    // The agent reads the one config that tells the processor; the engine is not even asked.
    expect(blobs.filter(({ by }) => by === "engine")).toEqual([]);
    expect(blobs.length).toBeLessThanOrEqual(1);
    expect([running, await of().answer()]).toEqual(["2", "2"]);
  });
}

export function powerTests(kind: BoardKind, of: () => BoardWorld): void {
  const { userland } = boards[kind];
  const quarantined = async () => (await of().project("hello")).quarantine.map((one) => one.platformDigest);

  it.each(chosenMoments().map(({ title, comes }, index) => [title, `${index + 10}`, comes] as const))(
    "switched off %s, it must end on version %s when it is switched on",
    async (_title, version, comes) => {
      const known = await quarantined();
      await comes(of(), async () => {
        await of().pushList("web", version);
        await of().tell("web");
      });
      await of().board.cutPower();
      await of().board.powerOn();
      await of().agentIsWell();
      await of().runs("hello", version);
      await of().comesAbout(
        "one container",
        () => of().containers("hello"),
        (seen) => JSON.stringify(seen) === JSON.stringify(HELLO_ALONE),
      );
      expect((await quarantined()).filter((digest) => !known.includes(digest))).toEqual([]);
      await of().runs("tagged", `${userland} 1`, 8082);
    },
  );
}
