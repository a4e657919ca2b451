// The checks of `doctor` over small ports: what is wrong is said, and nothing stops the others.
import { describe, expect, test } from "vitest";
import { parseReference } from "../../../src/core/image/index.ts";
import { BoardhandError, type EngineFacts } from "../../../src/core/model/index.ts";
import { type BoardDeps, boardChecks, skewFinding } from "../../../src/reconcile/doctor/board.ts";
import { ok, runChecks } from "../../../src/reconcile/doctor/check.ts";
import {
  emulatorFindings,
  registriesOf,
  registryCheck,
  surveyProjects,
} from "../../../src/reconcile/doctor/projects.ts";
import { project, service } from "../../support/builders.ts";

const none = async () => null;
const image = parseReference("reg:5000/app:1");
const answers = async () => ({ digest: `sha256:${"a".repeat(64)}`, mediaType: "x" }) as const;
const noMirrors = { exist: () => false, head: none, manifest: none, config: none };
const never = { sleep: () => new Promise<void>(() => undefined) };
const AMD64 = { os: "linux", architecture: "amd64", variant: null };
const ARM64 = { os: "linux", architecture: "arm64", variant: null };

function deps(parts: Partial<BoardDeps> = {}): BoardDeps {
  const facts = { arch: "amd64", os: "linux", kernelArchitecture: "x86_64", dataRoot: "/var/lib/docker" };
  return {
    config: { platform: "auto", state: "/data", images: { keep: 1, minFreeSpaceBytes: 500e6, prune: true } },
    engine: async () => facts as EngineFacts,
    imageSpace: async () => ({ bytes: 600e6, seenAt: "/var/lib/docker" }),
    host: { freeBytes: async () => 600e6, emulators: async () => [], cpuModel: async () => null },
    clock: { now: () => 2000 },
    builtAt: 1000,
    ...parts,
  };
}

async function statesOf(board: BoardDeps): Promise<Readonly<Record<string, string>>> {
  const findings = await runChecks(boardChecks(board), never, 1000);
  return Object.fromEntries(findings.map((finding) => [finding.name, finding.state]));
}

describe("doctor", () => {
  test("a check that takes too long must be given up, and be told from one that failed", async () => {
    const hangs = { name: "projects", run: () => new Promise<never>(() => undefined) };
    const fails = { name: "state", run: () => Promise.reject(new Error("no")) };
    const [late, failed] = await runChecks([hangs, fails], { sleep: async () => undefined }, 15_000);
    expect(late).toMatchObject({
      name: "projects",
      state: "fail",
      late: true,
      message: "no answer within 15 s",
    });
    expect(failed).not.toHaveProperty("late");
  });

  test("a sound board must pass", async () => {
    const all = { engine: "ok", platform: "ok", clock: "ok", "disk state": "ok", "disk images": "ok" };
    expect(await statesOf(deps())).toEqual(all);
  });

  test("an engine that is down must fail its own checks and no other", async () => {
    const engine = async () => {
      throw new BoardhandError("E_ENGINE_UNAVAILABLE", "no engine");
    };
    const wanted = {
      engine: "fail",
      platform: "fail",
      clock: "ok",
      "disk state": "ok",
      "disk images": "fail",
    };
    expect(await statesOf(deps({ engine }))).toEqual(wanted);
  });

  test("a clock before the build and a disk below the limit must fail; an unknown disk must warn", async () => {
    expect((await statesOf(deps({ builtAt: 3000 }))).clock).toBe("fail");
    const free = (bytes: number | null) => deps({ host: { ...deps().host, freeBytes: async () => bytes } });
    expect((await statesOf(free(400e6)))["disk state"]).toBe("fail");
    expect((await statesOf(free(null)))["disk state"]).toBe("warn");
  });

  test("the disk of images must be judged by what is seen of it from here, and named by the engine's path", async () => {
    const found = async (bytes: number, seenAt = "/var/lib/docker") => {
      const findings = await runChecks(
        boardChecks(deps({ imageSpace: async () => ({ bytes, seenAt }) })),
        never,
        1000,
      );
      return findings.find(({ name }) => name === "disk images");
    };
    expect(await found(400e6)).toMatchObject({ state: "fail" });
    expect((await found(600e6, "/etc/hostname"))?.message).toBe(
      "600 MB free at the engine's /var/lib/docker (seen at /etc/hostname here); images.min_free_space is 500 MB",
    );
    expect((await statesOf(deps({ imageSpace: async () => null })))["disk images"]).toBe("warn");
  });

  test("a check that hangs must end as failed, and the others must be heard", async () => {
    const hung = { name: "hung", run: () => new Promise<never>(() => undefined) };
    const fine = { name: "fine", run: async () => [ok("fine", "yes")] };
    const sleep = () => new Promise<void>((resolve) => setImmediate(resolve));
    const found = await runChecks([hung, fine], { sleep }, 5000);
    expect(found.map(({ name, state }) => [name, state])).toEqual([
      ["hung", "fail"],
      ["fine", "ok"],
    ]);
    expect(found[0]?.message).toContain("5 s");
  });

  test("a registry's clock that is far away must be said, with the direction", () => {
    const date = new Date(3_600_000).toUTCString();
    expect(skewFinding("r", date, 0)).toMatchObject({
      state: "warn",
      message: expect.stringContaining("60 minutes behind"),
    });
    expect(skewFinding("r", date, 3_600_000)).toMatchObject({ state: "ok" });
    expect(skewFinding("r", "no date", 0)).toBeNull();
  });

  test("a service whose platform neither runs nor is emulated must fail by name", () => {
    const wish = [project([service("web", { platform: ARM64 })])];
    const board = { platform: AMD64, accepts: [AMD64], emulates: [], because: "" };
    expect(emulatorFindings(wish, board)).toMatchObject([
      { state: "fail", message: expect.stringContaining("p/web") },
    ]);
    expect(emulatorFindings(wish, { ...board, emulates: [ARM64] })).toMatchObject([{ state: "ok" }]);
  });

  test("a project that does not load must fail and leave the others", async () => {
    const entry = { name: null, directory: "/x", files: [], envFiles: [], environment: {}, profiles: [] };
    const bad = { kind: "invalid", name: "bad", error: new BoardhandError("E_COMPOSE", "line 3") } as const;
    const good = {
      kind: "loaded",
      project: project([service("web")]),
      texts: [],
      sections: { secrets: new Map(), configs: new Map(), extensions: {} },
      warnings: ["old key"],
    } as const;
    const survey = await surveyProjects({
      list: async () => ["bad", "good"].map((name) => ({ name, entry, conflicts: [] })),
      load: async ({ name }) => (name === "bad" ? bad : good),
    });
    expect(survey.findings.map(({ name, state }) => `${name} ${state}`)).toEqual([
      "project bad fail",
      "project good ok",
      "project good warn",
    ]);
    expect(survey.projects).toHaveLength(1);
  });

  test("each registry must be asked once, and refused credentials must fail with the registry's hint", async () => {
    const hosts = registriesOf([
      project([service("a"), service("b"), service("c", { pull: "never", reference: "x.io/c" })]),
    ]);
    expect([...hosts.keys()]).toEqual(["reg:5000"]);
    const head = async () => {
      throw new BoardhandError("E_REGISTRY_AUTH", "reg:5000 refused", { hint: "log in" });
    };
    const check = registryCheck("reg:5000", image, {
      registry: { head, limits: () => [], copies: noMirrors },
      credentials: { forRegistry: async () => null },
    });
    expect(await runChecks([check], never, 1000)).toMatchObject([{ state: "fail", hint: "log in" }]);
  });

  test("the doctor must say what a registry still gives, and warn when only pushes and people are served", async () => {
    const findings = async (remaining: number) => {
      const limit = {
        host: "reg:5000",
        limit: 100,
        remaining,
        windowSeconds: 21_600,
        source: "192.0.2.7",
        seenAt: 0,
      };
      const registry = { head: answers, limits: () => [limit], copies: noMirrors };
      const check = registryCheck("reg:5000", image, { registry, credentials: { forRegistry: none } });
      return await runChecks([check], never, 1000);
    };
    expect((await findings(76))[1]).toEqual({
      name: "limit of reg:5000",
      state: "ok",
      message: "reg:5000 gives 76 more of 100 pulls in 6 h, counted for 192.0.2.7",
      hint: null,
    });
    expect((await findings(10))[1]).toMatchObject({
      state: "warn",
      message: expect.stringContaining("only pushes and people"),
    });
  });

  test("the doctor must look at the mirrors, and at the registry behind them", async () => {
    const findings = async (copy: typeof answers | typeof none) => {
      const copies = { ...noMirrors, exist: () => true, head: copy };
      const registry = { head: answers, limits: () => [], copies };
      const check = registryCheck("reg:5000", image, { registry, credentials: { forRegistry: none } });
      return (await runChecks([check], never, 1000)).map(({ name, state }) => [name, state]);
    };
    expect(await findings(answers)).toEqual([
      ["registry reg:5000", "ok"],
      ["mirrors of reg:5000", "ok"],
    ]);
    expect((await findings(none))[1]).toEqual(["mirrors of reg:5000", "warn"]);
  });
});
