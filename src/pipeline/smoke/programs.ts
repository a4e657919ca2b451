// Finds the programs that an image would start and says for which processor each is. Reads files only; runs nothing.
import { posix } from "node:path";
import type { Platform } from "../../core/model/index.ts";
import { type ArmBuild, readArmBuild } from "./arm-attributes.ts";
import type { CheckedProgram } from "./check.ts";
import type { SmokeContainer } from "./container.ts";
import { type ElfHeader, readElf } from "./elf.ts";
import { readGoBuild } from "./go-build.ts";
import type { ImageFacts } from "./image-facts.ts";
import { describeMachine, judgeMachine, machineOf } from "./machine.ts";
import type { FirstEntry } from "./tar.ts";
import { candidatePaths, interpreterWords, type ProgramWord, programWords } from "./words.ts";

/** Enough for an ELF header, its segments and the loader's path, and for any `#!` line. */
const HEAD_BYTES = 64 * 1024;
/** 32-bit ARM says what it needs at the end of the file. */
const WHOLE_BYTES = 256 * 1024 * 1024;
const MAX_FILES = 64;
const MAX_LOOKS = 400;
const TOO_MANY = "names more words than are looked up; the last ones were not checked";
/** As deep as the kernel follows `#!` (fs/exec.c, 5), and one for the loader. */
const MAX_DEPTH = 6;

export interface ProgramFindings {
  readonly programs: readonly CheckedProgram[];
  /** Each is a reason not to push the image. */
  readonly faults: readonly string[];
  readonly remarks: readonly string[];
}

type FileEntry = Extract<FirstEntry, { kind: "file" }>;

/** Where a path came from: a word of the image, or another file that is started by this one. */
interface Origin {
  readonly text: string;
  readonly role: "first" | "argument" | "interpreter" | "loader";
  readonly depth: number;
}

interface Search {
  readonly container: SmokeContainer;
  readonly image: ImageFacts;
  readonly promised: Platform;
  readonly seen: Set<string>;
  readonly programs: CheckedProgram[];
  readonly faults: string[];
  readonly remarks: string[];
  looks: number;
}

/** Everything that the image's own words and the smoke command start, with interpreters and loaders. */
export async function findPrograms(
  container: SmokeContainer,
  image: ImageFacts,
  promised: Platform,
  smoke: readonly string[] | null,
): Promise<ProgramFindings> {
  const search: Search = {
    container,
    image,
    promised,
    seen: new Set(),
    programs: [],
    faults: [],
    remarks: [],
    looks: 0,
  };
  for (const word of programWords(image, smoke)) {
    await follow(search, word.text, originOf(word));
  }
  return { programs: search.programs, faults: search.faults, remarks: search.remarks };
}

function originOf({ origin, first }: ProgramWord): Origin {
  return { text: origin, role: first ? "first" : "argument", depth: 0 };
}

async function follow(search: Search, word: string, origin: Origin): Promise<void> {
  if (origin.depth > MAX_DEPTH) return;
  const found = await lookUp(search, word);
  if (found === "done") return;
  if (found === null) {
    missing(search, word, origin);
    return;
  }
  const { path, file } = found;
  const elf = readElf(file.content);
  if (elf !== null) {
    await judge(search, path, file, elf, origin);
    return;
  }
  for (const interpreter of interpreterWords(file.content)) {
    await follow(search, interpreter, { text: path, role: "interpreter", depth: origin.depth + 1 });
  }
}

/**
 * The first candidate that is a file, as `execvp` takes it; for a word without a slash it must be executable. `done`
 * where there is no more to do for it.
 */
async function lookUp(
  search: Search,
  word: string,
): Promise<{ readonly path: string; readonly file: FileEntry } | "done" | null> {
  for (const path of candidatePaths(word, search.image)) {
    if (search.seen.has(path)) return "done";
    if (search.looks >= MAX_LOOKS || search.seen.size >= MAX_FILES) {
      if (!search.remarks.includes(TOO_MANY)) search.remarks.push(TOO_MANY);
      return "done";
    }
    search.looks += 1;
    const entry = await search.container.readFile(path, HEAD_BYTES);
    if (entry?.kind !== "file" || (!word.includes("/") && (entry.mode & 0o111) === 0)) continue;
    search.seen.add(path);
    return { path, file: entry };
  }
  return null;
}

function missing({ faults, remarks }: Search, word: string, { text, role }: Origin): void {
  if (role === "loader") faults.push(`${text} cannot start: its loader ${word} is not in the image`);
  if (role === "first") remarks.push(`${text} starts ${word}, which is not in the image`);
  if (role === "interpreter") remarks.push(`${text} is run by ${word}, which is not in the image`);
}

async function judge(
  search: Search,
  path: string,
  file: FileEntry,
  elf: ElfHeader,
  origin: Origin,
): Promise<void> {
  const machine = machineOf(elf, await armBuildOf(search, path, file, elf));
  const emulator = isEmulator(path);
  const fit = judgeMachine(machine, search.promised);
  search.programs.push({ path, origin: origin.text, machine: describeMachine(machine), emulator });
  // The QEMU of an old-style base image is for the machine that builds.
  if (emulator) return;
  if (fit.kind === "foreign") search.faults.push(`${path} (${origin.text}) ${fit.why}`);
  else if (fit.remark !== null) search.remarks.push(`${path} ${fit.remark}`);
  if (elf.loader !== null && fit.kind === "runs") {
    await follow(search, elf.loader, { text: path, role: "loader", depth: origin.depth + 1 });
  }
}

/** Reads the file once more, to its end, and only where 32-bit ARM is promised and found. */
async function armBuildOf(
  { container, promised }: Search,
  path: string,
  file: FileEntry,
  elf: ElfHeader,
): Promise<ArmBuild | null> {
  const isArm = elf.bits === 32 && machineOf(elf, null).architecture === "arm";
  if (!isArm || promised.architecture !== "arm" || file.size > WHOLE_BYTES) return null;
  const whole = file.content.byteLength === file.size ? file : await container.readFile(path, WHOLE_BYTES);
  if (whole?.kind !== "file" || whole.content.byteLength < whole.size) return null;
  return readArmBuild(whole.content, elf.littleEndian) ?? readGoBuild(whole.content);
}

/** `qemu-arm-static`, `qemu-aarch64`; not every program whose name begins with qemu. */
function isEmulator(path: string): boolean {
  return /^qemu-(?:aarch64|arm|i386|mips\w*|ppc64le|riscv64|s390x|x86_64)(?:-static)?$/.test(
    posix.basename(path),
  );
}
