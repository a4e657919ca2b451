// What the stage does when the engine fails under its hands, which a real one does not do when asked to.
import { describe, expect, it } from "vitest";
import { parsePlatform } from "../../../src/core/image/index.ts";
import { BoardhandError } from "../../../src/core/model/index.ts";
import type { PipelineDeps } from "../../../src/pipeline/deps.ts";
import { runSmoke } from "../../../src/pipeline/stages/smoke.ts";
import type { ProgramCall, ProgramEnd } from "../../../src/ports/index.ts";

const INSPECTION = [{ Id: `sha256:${"a".repeat(64)}`, Os: "linux", Architecture: "amd64", Config: {} }];
const ENDED: ProgramEnd = { status: 0, timedOut: false, stdout: "", stderr: "" };

type Answer = (call: ProgramCall) => Partial<ProgramEnd>;

/** The stage with an engine that answers as told; by default everything succeeds and says nothing. */
async function smoke(answers: Readonly<Record<string, Answer>>) {
  const asked: string[] = [];
  const warnings: string[] = [];
  const answer = async (call: ProgramCall): Promise<ProgramEnd> => {
    const word = call.args[0] ?? "";
    asked.push(word);
    return { ...ENDED, ...answers[word]?.(call) };
  };
  const deps = {
    config: { timeoutMs: 1000 },
    programs: {
      run: answer,
      read: async (call: ProgramCall) => {
        const end = await answer(call);
        return { ...end, bytes: Buffer.from(call.args[0] === "image" ? JSON.stringify(INSPECTION) : "") };
      },
    },
    clock: { monotonic: () => 0 },
    environment: {},
    report: (event: { kind: string; text?: string }) => {
      if (event.kind === "warning") warnings.push(event.text ?? "");
    },
    signal: new AbortController().signal,
  } as unknown as PipelineDeps;
  const row = { arch: "amd64", platform: parsePlatform("linux/amd64"), smoke: ["/app"] };
  const outcome = await runSmoke(deps, row as unknown as Parameters<typeof runSmoke>[1], "app:amd64");
  return { ...outcome, asked, warnings };
}

const lost: Answer = () => ({ status: 1, stderr: "Cannot connect to the Docker daemon\n" });

describe("an engine that fails in the middle", () => {
  it.each([
    ["image", "The image cannot be inspected: Cannot connect"],
    ["create", "No container can be made of the image: Cannot connect"],
    ["cp", "/app cannot be read from the image: Cannot connect"],
    ["container", "does not say how the smoke command ended: Cannot connect"],
  ])("must be told of at docker %s, and what was made must be removed", async (word, message) => {
    const missing: Answer = () => ({ status: 1, stderr: "Could not find the file /app" });
    const { state, failure, asked } = await smoke({ cp: missing, [word]: lost });
    expect({ state, code: failure?.code }).toEqual({ state: "failed", code: "E_SMOKE" });
    expect(failure?.message).toContain(message);
    expect(asked.at(-1)).toBe(word === "image" ? "image" : "rm");
  });

  it("must be told of with the name of a container that could not be removed", async () => {
    const { warnings } = await smoke({ create: lost, rm: lost });
    expect(warnings.join()).toMatch(/docker rm --force boardhand-smoke-[0-9a-f]{16}$/);
    const gone: Answer = () => ({ status: 1, stderr: "Error: No such container: x" });
    expect((await smoke({ create: lost, rm: gone })).warnings).toEqual([]);
  });

  it("must be told of when docker itself is not there", async () => {
    const absent: Answer = () => {
      throw new BoardhandError("E_PROGRAM", "docker cannot be started");
    };
    expect(await smoke({ image: absent })).toMatchObject({
      state: "failed",
      failure: { code: "E_PROGRAM", message: "docker cannot be started" },
      data: {},
    });
  });
});
