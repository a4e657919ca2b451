// Runs the jobs of a CI definition as that CI would: side by side, each after what it needs, each in a clone of its own.
import { execFile, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { CiJob, CiStep } from "./job.ts";

const run = promisify(execFile);
const STEP_TIMEOUT_MS = 300_000;

/** What the CI's machines have. */
export interface CiMachine {
  /** A git repository on this machine, or with `commit` null a directory that is copied as it is. */
  readonly repository: string;
  readonly commit: string | null;
  /** First in PATH, before the system's. */
  readonly programs: readonly string[];
  /** Where this machine's engine is and such; nothing that a CI would say. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where each job expects a machine to itself: they run one after the other, and this makes it as new. */
  readonly renew?: () => Promise<void>;
}

export interface CiJobEnd {
  readonly name: string;
  readonly state: "done" | "failed" | "skipped";
  readonly output: string;
}

/** How each job ended, in the definition's order. */
export async function runCi(jobs: readonly CiJob[], machine: CiMachine): Promise<readonly CiJobEnd[]> {
  const ends = new Map<string, Promise<CiJobEnd>>();
  for (const job of jobs) {
    await machine.renew?.();
    const needs = job.needs.map((name) => {
      const need = ends.get(name);
      if (need === undefined) throw new Error(`${job.name} needs ${name}, which comes later or not at all`);
      return need;
    });
    const end = afterAll(job, needs, machine);
    ends.set(job.name, end);
    if (machine.renew !== undefined) await end;
  }
  return Promise.all(ends.values());
}

async function afterAll(
  job: CiJob,
  needs: readonly Promise<CiJobEnd>[],
  machine: CiMachine,
): Promise<CiJobEnd> {
  const before = await Promise.all(needs);
  if (before.some(({ state }) => state !== "done")) return { name: job.name, state: "skipped", output: "" };
  const home = await mkdtemp(join(tmpdir(), "boardhand-ci-"));
  try {
    const directory = join(home, "repository");
    await checkOut(machine, directory);
    await mkdir(join(home, "home"));
    return await runSteps(job, machine, { directory, home: join(home, "home") });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function checkOut({ repository, commit }: CiMachine, directory: string): Promise<void> {
  if (commit === null) return cp(repository, directory, { recursive: true });
  await run("git", ["clone", "--quiet", repository, directory]);
  await run("git", ["checkout", "--quiet", "--detach", commit], { cwd: directory });
}

interface Place {
  readonly directory: string;
  readonly home: string;
}

async function runSteps(job: CiJob, machine: CiMachine, place: Place): Promise<CiJobEnd> {
  let output = "";
  for (const step of job.steps) {
    const end = await runStep(step, machine, place);
    output += `--- ${job.name}: ${step.name}\n${end.output}`;
    if (end.status !== 0) return { name: job.name, state: "failed", output };
  }
  return { name: job.name, state: "done", output };
}

/** With this environment and no other; ended as a group when it takes too long. */
function runStep(
  step: CiStep,
  machine: CiMachine,
  { directory, home }: Place,
): Promise<{ readonly status: number | null; readonly output: string }> {
  const [shell = "sh", ...options] = step.shell.split(" ");
  const path = [...machine.programs, "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"].join(":");
  return new Promise((resolve, reject) => {
    const child = spawn(`/bin/${shell}`, [...options, "-c", step.script], {
      cwd: directory,
      env: { PATH: path, HOME: home, ...machine.environment, ...step.environment },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    const timer = setTimeout(() => {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    }, STEP_TIMEOUT_MS);
    child.once("error", reject);
    child.once("close", (status) => {
      clearTimeout(timer);
      resolve({ status, output });
    });
  });
}
