// A Dockerfile's counterpart for another processor: the same text but for what its FROM lines start from.
import { type ArmArch, counterpart } from "./bases.ts";
import { type DockerfileOutline, type FromInstruction, outlineOf } from "./instructions.ts";

export interface ArmDockerfile {
  readonly text: string;
  /** Things to know, each once, with the line of the Dockerfile. */
  readonly notes: readonly string[];
  /** Things that will not build as they are. */
  readonly warnings: readonly string[];
}

/** Byte for byte the same outside the images of FROM. Throws BoardhandError E_BUILD for what is no Dockerfile. */
export function armDockerfile(text: string, arch: ArmArch): ArmDockerfile {
  const outline = outlineOf(text);
  const notes: string[] = [];
  const warnings: string[] = [];
  let changed = "";
  let copied = 0;
  for (const [index, from] of outline.froms.entries()) {
    const { reference, note, missing } = baseOf(from, outline, index, arch);
    if (note !== null) (missing ? warnings : notes).push(`Dockerfile:${from.line}: ${note}`);
    changed += text.slice(copied, from.image.start) + reference;
    copied = from.image.start + from.image.text.length;
  }
  return { text: changed + text.slice(copied), notes, warnings };
}

function baseOf(from: FromInstruction, { froms, args }: DockerfileOutline, index: number, arch: ArmArch) {
  const written = from.image.text;
  const as = { reference: written, note: null, missing: false };
  const earlier = froms.slice(0, index).map(({ stage }) => stage);
  if (written.toLowerCase() === "scratch" || earlier.includes(written.toLowerCase())) return as;
  const platform = from.flags
    .find(({ text }) => text.startsWith("--platform="))
    ?.text.slice("--platform=".length);
  // A stage that runs on the build machine stays there; one that asks for the target's platform gets it.
  if (platform !== undefined && /^\$\{?(?:BUILD|TARGET)PLATFORM\}?$/.test(platform)) return as;
  if (platform !== undefined) {
    return { ...as, note: `${written} is fixed to ${platform}: it stays, for ${arch} too` };
  }
  return counterpart(written, resolve(written, args), arch);
}

/** `$NAME`, `${NAME}` and `${NAME:-word}` by ARG's defaults; unknown ones become nothing. */
function resolve(text: string, args: Readonly<Record<string, string>>): string {
  return text.replace(
    /\$(?:\{(\w+)(?::?-([^}]*))?\}|(\w+))/g,
    (_, braced: string | undefined, fallback: string | undefined, bare: string | undefined) =>
      args[braced ?? bare ?? ""] ?? fallback ?? "",
  );
}
