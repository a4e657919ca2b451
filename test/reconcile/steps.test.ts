// Steps that copy a text or run a hook: what reaches the engine, and what a failure says.
import { describe, expect, it } from "vitest";
import {
  BoardhandError,
  type HookKind,
  type HookSpec,
  Secret,
  type ServiceFile,
  type Step,
} from "../../src/core/model/index.ts";
import type { ContainerFile, ExecRequest, ExecResult } from "../../src/ports/index.ts";
import { runStep, type StepContext } from "../../src/reconcile/steps/index.ts";
import { Texts } from "../../src/reconcile/texts.ts";
import { container, project, service } from "../support/builders.ts";

const COMMON = {
  n: 2,
  service: "web",
  after: [1],
  cause: "test",
  required: true,
  ref: "#1",
  name: "p-web-1",
};

interface Bench {
  readonly copied: (readonly [string, ContainerFile])[];
  readonly ran: (readonly [string, ExecRequest])[];
  run(step: Step): Promise<void>;
}

function bench(hooks: readonly HookSpec[], exec: () => Promise<ExecResult>, texts = new Texts()): Bench {
  const copied: (readonly [string, ContainerFile])[] = [];
  const ran: (readonly [string, ExecRequest])[] = [];
  const engine = {
    copyFile: async (id: string, file: ContainerFile) => {
      copied.push([id, file]);
    },
    exec: async (id: string, request: ExecRequest) => {
      ran.push([id, request]);
      return exec();
    },
  };
  const web = service("web", { spec: { image: "web", post_start: hooks, pre_stop: hooks } });
  const context = {
    engine,
    desired: project([web]),
    created: new Map([[1, "made"]]),
    textOf: (kind: ServiceFile["kind"], source: string) => texts.of("p", kind, source),
  };
  return { copied, ran, run: (step) => runStep(step, context as unknown as StepContext) };
}

const done = async (): Promise<ExecResult> => ({ exitCode: 0, output: "" });

describe("copying a text", () => {
  const file = {
    kind: "secret",
    source: "s",
    target: "/t",
    mounted: null,
    uid: 1,
    gid: null,
    mode: 0o400,
  } as const;
  const step: Step = { ...COMMON, kind: "copyFile", file };

  it("must look it up when it runs, by its kind and name", async () => {
    const texts = new Texts();
    texts.remember("p", [
      { kind: "config", source: "s", content: new Secret("wrong") },
      { kind: "secret", source: "s", content: new Secret("right") },
    ]);
    const { copied, run } = bench([], done, texts);
    await run(step);
    expect(copied).toHaveLength(1);
    const [id, sent] = copied[0] ?? [];
    expect([id, sent?.content.reveal()]).toEqual(["made", "right"]);
    expect(sent).toMatchObject({ path: "/t", uid: 1, gid: null, mode: 0o400 });
  });

  it("must fail, to be tried again, when the compose file does not have it any more", async () => {
    const texts = new Texts();
    texts.remember("p", [{ kind: "secret", source: "s", content: new Secret("old") }]);
    texts.remember("p", []);
    const { copied, run } = bench([], done, texts);
    await expect(run(step)).rejects.toMatchObject({
      code: "E_COMPOSE",
      retry: "backoff",
      message: 'p-web-1: the secret "s" is not known any more',
    });
    expect(copied).toEqual([]);
  });
});

describe("running a hook", () => {
  const step = (hook: HookKind, index = 0): Step => ({
    ...COMMON,
    kind: "runHook",
    hook,
    index,
    timeoutMs: 5000,
  });
  const full = {
    command: ["a", "b"],
    user: "u",
    privileged: true,
    working_dir: "/w",
    environment: { A: "1", B: null },
  };

  it("must send what the file says, and the engine's own choice for what it does not", async () => {
    const { ran, run } = bench([full, { command: null }], done);
    await run(step("post_start"));
    await run(step("pre_stop", 1));
    const plain = {
      command: [],
      user: null,
      privileged: false,
      workingDir: null,
      environment: [],
      timeoutMs: 5000,
    };
    expect(ran).toEqual([
      [
        "made",
        {
          ...plain,
          command: ["a", "b"],
          user: "u",
          privileged: true,
          workingDir: "/w",
          environment: ["A=1", "B"],
        },
      ],
      ["made", plain],
    ]);
  });

  it.each([
    [{ exitCode: 7, output: "oh no" }, "p-web-1: its post_start hook 1 ended with code 7: oh no"],
    [{ exitCode: 1, output: "" }, "p-web-1: its post_start hook 1 ended with code 1"],
    [{ exitCode: null, output: "…" }, "p-web-1: its post_start hook 1 still runs after 5 s: …"],
  ])("must fail with the hook's own words and never with its command: %j", async (result, message) => {
    const { run } = bench([full], async () => result);
    await expect(run(step("post_start"))).rejects.toMatchObject({ code: "E_HOOK", retry: "never", message });
  });

  it("before a stop must not fail because the container does not run any more, and after a start it must", async () => {
    const refuse = (status: number) => async (): Promise<ExecResult> => {
      throw new BoardhandError("E_ENGINE_REFUSED", "not running", { data: { status } });
    };
    await expect(bench([full], refuse(409)).run(step("pre_stop"))).resolves.toBeUndefined();
    await expect(bench([full], refuse(404)).run(step("pre_stop"))).resolves.toBeUndefined();
    await expect(bench([full], refuse(500)).run(step("pre_stop"))).rejects.toThrow("not running");
    await expect(bench([full], refuse(409)).run(step("post_start"))).rejects.toThrow("not running");
  });
});

describe("a health gate", () => {
  const step: Step = {
    ...COMMON,
    kind: "awaitHealthy",
    timeoutMs: 500,
    settleMs: 0,
    mayComplete: false,
  };

  /** Fails with this error for so many looks; each pause takes 100 ms. */
  async function gate(error: BoardhandError, times: number): Promise<number> {
    let looks = 0;
    let now = 0;
    const inspectContainer = async () => {
      looks += 1;
      if (looks <= times) throw error;
      return container(service("web"), "1");
    };
    const clock = {
      monotonic: () => now,
      sleep: async () => {
        now += 100;
      },
    };
    const log = { warn: () => undefined };
    const context = { engine: { inspectContainer }, clock, log, created: new Map([[1, "made"]]) };
    await runStep(step, context as unknown as StepContext);
    return looks;
  }

  const trouble = new BoardhandError("E_ENGINE_REFUSED", "internal error", { retry: "backoff" });

  it("must not take one error of the engine for a verdict on the container", async () => {
    expect(await gate(trouble, 2)).toBe(3);
  });

  it("must end with the engine's error when its time is over", async () => {
    await expect(gate(trouble, 100)).rejects.toBe(trouble);
  });

  it.each([
    new BoardhandError("E_ENGINE_REFUSED", "bad request", { retry: "never" }),
    new BoardhandError("E_ENGINE_UNAVAILABLE", "gone", { retry: "backoff" }),
  ])("must hand on at once that %s", async (error) => {
    await expect(gate(error, 1)).rejects.toBe(error);
  });
});
