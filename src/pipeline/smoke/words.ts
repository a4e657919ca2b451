// Which words of an image and of its smoke command may be programs, and where in the image they would be.
import { posix } from "node:path";
import type { ImageFacts } from "./image-facts.ts";

/** What the engine sets where an image says nothing. */
const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const MAX_WORDS = 48;
const MAX_WORD_LENGTH = 1024;
const MAX_DIRECTORIES = 16;

export interface ProgramWord {
  readonly text: string;
  /** For people: `ENTRYPOINT`, `smoke`. */
  readonly origin: string;
  /** The first of its command: what is started, where the others are only handed to it. */
  readonly first: boolean;
}

/** What starts in a container of the image, what its health check starts, and the smoke command; each word once. */
export function programWords(image: ImageFacts, smoke: readonly string[] | null): readonly ProgramWord[] {
  const words = [
    ...wordsOf(image.entrypoint, "ENTRYPOINT", true),
    ...wordsOf(image.command, "CMD", image.entrypoint.length === 0),
    ...wordsOf(smoke ?? [], "smoke", true),
    ...healthWords(image),
  ];
  const seen = new Set<string>();
  return words
    .filter(({ text }) => text.length <= MAX_WORD_LENGTH && !seen.has(text) && seen.add(text))
    .slice(0, MAX_WORDS);
}

function wordsOf(command: readonly string[], origin: string, starts: boolean): ProgramWord[] {
  return command.flatMap((text, index): ProgramWord[] => {
    if (starts && index === 0) return text === "" ? [] : [{ text, origin, first: true }];
    // The text after a shell's -c; an option or a sentence is no program.
    const parts = /\s/.test(text) && /^-\w*c$/.test(command[index - 1] ?? "") ? shellWords(text) : [text];
    return parts.filter(mayBeProgram).map((part) => ({ text: part, origin, first: false }));
  });
}

function healthWords({ healthTest, shell }: ImageFacts): ProgramWord[] {
  const [kind, ...rest] = healthTest;
  if (kind === "CMD") return wordsOf(rest, "HEALTHCHECK", true);
  if (kind !== "CMD-SHELL") return [];
  const inText = shellWords(rest.join(" ")).filter(mayBeProgram);
  return [
    ...wordsOf(shell, "HEALTHCHECK", true),
    ...inText.map((text) => ({ text, origin: "HEALTHCHECK", first: false })),
  ];
}

/** What a shell knows itself; looking for it in every directory of PATH only costs time. */
const SHELL_WORDS = new Set(
  "[ [[ . ! alias break case cd command continue do done echo elif else esac eval exec exit export false fi for if in kill local printf pwd read readonly return set shift source test then trap true type ulimit umask unset until wait while".split(
    " ",
  ),
);

/** Rough on purpose: what it takes for a word and is none, is not found in the image. */
function shellWords(text: string): readonly string[] {
  const words = text.slice(0, 8192).split(/[\s;&|()<>"'`{}$]+/);
  return words.filter((word) => !SHELL_WORDS.has(word));
}

function mayBeProgram(word: string): boolean {
  return /^[A-Za-z0-9_./+][A-Za-z0-9_./+:@~-]*$/.test(word) && !/^\d+$/.test(word) && !word.endsWith("/");
}

/**
 * Absolute paths where the word would be looked for, in order: itself, below the working directory when it has a slash,
 * else the directories of PATH.
 */
export function candidatePaths(
  word: string,
  image: Pick<ImageFacts, "path" | "directory">,
): readonly string[] {
  if (/[\0\n]/.test(word)) return [];
  if (word.includes("/")) return [posix.resolve("/", image.directory, word)];
  const directories = (image.path ?? DEFAULT_PATH).split(":").slice(0, MAX_DIRECTORIES);
  const paths = directories.map((directory) => posix.resolve("/", image.directory, directory, word));
  return [...new Set(paths)];
}

/** What the kernel starts for a file that begins with `#!`: the interpreter, and what `env` starts in its turn. */
export function interpreterWords(content: Uint8Array): readonly string[] {
  if (content[0] !== 0x23 || content[1] !== 0x21) return [];
  const text = Buffer.from(content.buffer, content.byteOffset, Math.min(content.byteLength, 256)).toString(
    "latin1",
  );
  const [interpreter, ...rest] = (text.slice(2).split("\n")[0] ?? "").trim().split(/[ \t]+/);
  if (interpreter === undefined || interpreter === "") return [];
  if (posix.basename(interpreter) !== "env") return [interpreter];
  const program = rest.find((word) => !word.startsWith("-") && !word.includes("="));
  return program === undefined ? [interpreter] : [interpreter, program];
}
