// Images of earlier versions on both stores: what Boardhand brought goes when nobody needs it, everything else stays.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LabEngine, type LabEngineOptions, startEngine } from "../../lab/engine.ts";
import { World } from "../world.ts";
import { containerdStore, imagesOn, MB, pushSized, usedBytes } from "./support.ts";

const ONE = "services:\n  web: {image: REG/web}\n";

describe.each([
  ["the classic store of 20.10", async (): Promise<LabEngineOptions> => ({ dataRootMB: 28 }), 11],
  ["containerd's store of a current engine", containerdStore, 5],
] as const)("on %s", (_, options, updates) => {
  let lab: LabEngine;

  beforeAll(async () => {
    lab = await startEngine(await options());
  });

  afterAll(async () => {
    await lab.stop();
  });

  async function onBoard(compose: string, keep: number, scenario: (world: World) => Promise<void>) {
    const world = await World.create({
      compose,
      config: {
        docker: { host: lab.host, tls: null },
        rollout: { order: "stop-first", monitorMs: 0, failureAction: "rollback", healthTimeoutMs: 60_000 },
        images: { keep, minFreeSpaceBytes: 0, prune: true },
      },
    });
    try {
      await scenario(world);
    } finally {
      await world.destroy();
      for (const image of await imagesOn(lab)) await world.docker("image", "rm", "--force", image);
    }
  }

  async function update(world: World, version: string): Promise<void> {
    await pushSized(world, "web", version, [{ name: `web ${version}`, megabytes: 2 }]);
    const { rollout } = await world.look();
    expect(rollout.kind).toBe("idle");
    expect(await world.answer("web")).toBe(version);
  }

  it("many updates in a row, of a moving tag and of a tag in the file, must not fill the disk", async () => {
    const compose = (n: number) => `${ONE}  api: {image: "REG/api:1.${n}"}\n`;
    await onBoard(compose(0), 1, async (world) => {
      let settled = 0;
      for (let n = 0; n < updates; n++) {
        if (n % 3 === 0) {
          await pushSized(world, "api", `1.${n}`, [{ name: `api ${n}`, megabytes: 2 }], `1.${n}`);
          await world.writeCompose(compose(n));
        }
        await update(world, `${n}`);
        if (n === 3) settled = await usedBytes(lab);
      }
      expect(await world.answer("api")).toBe(`1.${3 * Math.floor((updates - 1) / 3)}`);
      const images = await imagesOn(lab);
      const web = `${world.registry}/${world.project}/web:latest`;
      const api = `${world.registry}/${world.project}/api`;
      // Each service has what runs and what it would go back to: together with the other's, one revision ago.
      expect(images.filter((name) => name === web || name.startsWith(api))).toEqual([
        `${api}:1.${3 * Math.floor((updates - 1) / 3)}`,
        web,
      ]);
      expect(images).toHaveLength(3);
      expect((await usedBytes(lab)) - settled).toBeLessThan(2 * MB);
      expect((await world.rollback()).rollout.kind).toBe("idle");
      expect(await world.answer("web")).toBe(`${updates - 2}`);
    });
  });

  it("what people pulled, named, built on or use must stay, and so must what was here before", async () => {
    await onBoard(ONE, 0, async (world) => {
      const name = `${world.registry}/${world.project}/web`;
      // A person brings version 0 as docker compose would.
      await pushSized(world, "web", "0", [{ name: "web 0", megabytes: 2 }]);
      await world.docker("pull", "--quiet", `${name}:latest`);
      const byPerson = (
        await world.docker("image", "inspect", "--format", "{{.Id}}", `${name}:latest`)
      ).stdout.trim();
      await update(world, "0");
      await update(world, "1");
      await world.docker("tag", `${name}:latest`, "mine:latest");
      await update(world, "2");
      const used = (await world.docker("create", `${name}:latest`, "/start")).stdout.trim();
      await update(world, "3");
      await update(world, "4");

      const left = await imagesOn(lab);
      expect(left).toContain(byPerson);
      expect(left).toContain("mine:latest");
      expect(left).toContain(`${name}:latest`);
      // Version 2, by its stopped container; version 3 is gone.
      const stopped = (await world.docker("inspect", "--format", "{{.Image}}", used)).stdout.trim();
      expect([...left].sort()).toEqual([byPerson, stopped, "mine:latest", `${name}:latest`].sort());

      // Once nobody uses it, it goes with the next look after a rollout.
      await world.docker("rm", used);
      await update(world, "5");
      expect(await imagesOn(lab)).not.toContain(stopped);
    });
  });
});
