// What the daemon refuses to start with, and what it never says.
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { freePort } from "../../lab/registry.ts";
import { AgentProcess, buildAgent, eventually, writeConfig } from "./process.ts";
import { daemon, EACH_SECOND, heldFor, NEVER, project, running, WEB } from "./support.ts";

/** A start of Node, on a machine that has much else to do. */
const REFUSED_MS = 120_000;

describe("a daemon that cannot start", () => {
  it("must say that the port is taken, end with 1 and start nothing", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    const board = await daemon({ compose: WEB }, { ...NEVER, http: { listen: `127.0.0.1:${port}` } });
    await board.world.push("web", "1");
    const ended = await board.command("run");
    taken.close();
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain(`something else listens on 127.0.0.1:${port}`);
    expect(await board.world.containers()).toEqual([]);
  });

  it("must be refused beside another one on the same state directory", async () => {
    const board = await running(NEVER);
    const other = await writeConfig(board.world, "other", {
      http: { listen: `127.0.0.1:${await freePort()}` },
    });
    const second = new AgentProcess(await buildAgent(), ["run", "--config", other]);
    const { code, stderr } = await second.endsWithin(REFUSED_MS);
    expect(code).toBe(1);
    expect(stderr).toContain(String(board.process?.child.pid));
    expect((await board.get("/healthz")).status).toBe(200);
  });

  const main = buildAgent();
  for (const [what, text, message] of [
    ["an unknown key", "schedule: '* * * * *'\nscedule: x\n", /:2.*scedule/s],
    ["a wrong type", "images:\n  keep: many\n", /:2.*keep/s],
    ["a bad cron expression", "\nschedule: often\n", /:2.*schedule/s],
    ["what is no YAML", "projects: [\n", /bad\.yml:\d/],
  ] as const) {
    it(`must name file and line of ${what} and end with 2`, async () => {
      const board = await daemon({ compose: WEB }, NEVER);
      const path = join(board.world.directory, "../../bad.yml");
      await writeFile(path, text);
      const ended = await new AgentProcess(await main, ["run", "--config", path]).endsWithin(REFUSED_MS);
      expect(ended).toMatchObject({ code: 2, stdout: "" });
      expect(ended.stderr).toContain(path);
      expect(ended.stderr).toMatch(message);
    });
  }

  it("must name a configuration file that is not there and end with 2", async () => {
    const ended = await new AgentProcess(await main, ["run", "--config", "/nowhere/b.yml"]).endsWithin(
      REFUSED_MS,
    );
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain("/nowhere/b.yml");
  });
});

describe("secrets", () => {
  it("must not be in anything the daemon or a command says, whatever fails", async () => {
    const secret = "s3cr3t-of-the-board";
    const login = "l0gin-of-the-board";
    const compose = `services:\n  web: {image: REG/web, environment: {PASSWORD: ${secret}}}\n`;
    const board = await daemon({ compose }, { ...EACH_SECOND, log: { level: "debug" } });
    const docker = join(board.world.directory, "../../docker");
    await mkdir(docker);
    const auth = Buffer.from(`me:${login}`).toString("base64");
    await writeFile(
      join(docker, "config.json"),
      JSON.stringify({ auths: { [board.world.registry]: { auth } } }),
    );
    const registries = { docker_config: join(docker, "config.json") };
    const config = await writeConfig(board.world, "daemon", {
      ...EACH_SECOND,
      registries,
      log: { level: "debug" },
      http: { listen: board.base.slice("http://".length) },
    });
    expect(config).toBe(board.config);
    await board.world.push("web", "1");
    await board.start();
    await board.comesToAnswer("web", "1");
    await board.world.push("web", "bad", "crash");
    await eventually(
      () => heldFor(board),
      (reason) => reason === "Quarantined",
    );
    await board.world.writeCompose(`${compose}\nnonsense: {PASSWORD: ${secret}}\n`);
    await eventually(
      () => project(board),
      ({ conditions }) => conditions.some((c) => c.type === "Stalled"),
    );
    const page = await fetch(board.base).then((answer) => answer.text());
    const commands = [await board.command("plan", "--json"), await board.command("status", "--json")];
    await board.end();
    const said = [board.said, page, ...commands.map((one) => one.stdout + one.stderr)].join("\n");
    expect(said.length).toBeGreaterThan(1000);
    for (const one of [secret, login, auth]) expect(said).not.toContain(one);
  });
});
