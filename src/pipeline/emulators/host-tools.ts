// Asks which of the host's own tools are there, and which emulators they know how to register.
import type { PipelineDeps } from "../deps.ts";
import { type HostTools, readBinfmtConfig } from "./host.ts";

const QUESTION_MS = 15_000;
/** Before all systems had one `/usr/lib`, it was in the second. */
const SYSTEMD_BINFMT = ["/usr/lib/systemd/systemd-binfmt", "/lib/systemd/systemd-binfmt"];

type Asker = Pick<PipelineDeps, "programs" | "signal" | "environment">;

/** Where the tools are: not in everybody's PATH. */
export function toolPath(environment: PipelineDeps["environment"]): string {
  return `${environment.PATH ?? "/usr/bin:/bin"}:/usr/sbin:/sbin`;
}

export async function findHostTools(deps: Asker, emulators: readonly string[]): Promise<HostTools> {
  return { updateBinfmts: await knownToDebian(deps, emulators), systemd: await findSystemd(deps, emulators) };
}

async function knownToDebian(deps: Asker, emulators: readonly string[]): Promise<readonly string[] | null> {
  const known: string[] = [];
  for (const emulator of emulators) {
    const end = await ask(deps, "update-binfmts", ["--display", emulator]);
    if (end === null) return null;
    if (end.status === 0) known.push(emulator);
  }
  return known;
}

async function findSystemd(deps: Asker, emulators: readonly string[]): Promise<HostTools["systemd"]> {
  for (const command of SYSTEMD_BINFMT) {
    const end = await ask(deps, command, ["--cat-config"]);
    if (end?.status === 0) return { command, files: readBinfmtConfig(end.stdout, emulators) };
  }
  return null;
}

/** Null when there is no such program. */
function ask(deps: Asker, command: string, args: readonly string[]) {
  return deps.programs
    .run({
      command,
      args,
      environment: { PATH: toolPath(deps.environment), LC_ALL: "C" },
      timeoutMs: QUESTION_MS,
      signal: deps.signal,
    })
    .catch(() => null);
}
