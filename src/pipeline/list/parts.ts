// What goes into the list of one release: each row's image, read back from the registry and held to what the matrix and the
// commit promise. One that does not keep it is said, with the tag that was looked at.
import { engineName } from "../../core/image/index.ts";
import {
  formatPlatform,
  type ImageReference,
  type MatrixRow,
  type Platform,
} from "../../core/model/index.ts";
import type { PipelineDeps } from "../deps.ts";
import { REVISION_LABEL } from "../labels.ts";
import type { ReleaseTag } from "../model.ts";
import { askRegistry } from "../retry.ts";
import { archTag } from "../tags/index.ts";
import type { ListEntry } from "./document.ts";
import { type ReadImage, readPlatformImage } from "./read-image.ts";

const SHORT_HASH = 12;

export type Part =
  | { readonly ok: true; readonly arch: string; readonly entry: ListEntry }
  | { readonly ok: false; readonly problem: string };

export type PartDeps = Pick<PipelineDeps, "config" | "context" | "registry" | "clock" | "signal">;

function commitProblem(row: MatrixRow, { labels }: ReadImage, commit: string | null): string | null {
  if (!row.push || commit === null) return null;
  const revision = labels[REVISION_LABEL];
  if (revision === commit) return null;
  if (revision === undefined) return "does not say of which commit it is";
  return `is of commit ${revision.slice(0, SHORT_HASH)}, not of ${commit.slice(0, SHORT_HASH)}`;
}

/** The variant comes from the image itself, and from the matrix where a 32-bit ARM image leaves it out. */
function platformOf(row: MatrixRow, { platform: said }: ReadImage): Platform | string {
  const wanted = formatPlatform(row.platform);
  if (said === null) return `does not say for which processor it is, and should be for ${wanted}`;
  const platform = said.variantKnown ? said.platform : { ...said.platform, variant: row.platform.variant };
  return formatPlatform(platform) === wanted
    ? platform
    : `is for ${formatPlatform(said.platform)}, not for ${wanted}`;
}

/** Never throws for what a registry says or does not say. */
export async function readPart(
  deps: PartDeps,
  image: ImageReference,
  row: MatrixRow,
  release: ReleaseTag,
): Promise<Part> {
  const { registry, context } = deps;
  const tag = archTag(row.tags, row.word, release);
  const name = `${row.arch}: ${engineName(image)}:${tag}`;
  const problem = (what: string): Part => ({ ok: false, problem: `${name} ${what}` });
  const asked = await askRegistry(deps, () => readPlatformImage(registry, image, tag, row.platform));
  if (!asked.ok) {
    return asked.error.code === "E_REGISTRY_NOT_FOUND"
      ? problem("is not there")
      : problem(`cannot be read: ${asked.error.message}`);
  }
  if (!asked.value.found) {
    return problem(`is a list without ${formatPlatform(row.platform)} (it has ${asked.value.has})`);
  }
  const { image: read } = asked.value;
  const platform = platformOf(row, read);
  if (typeof platform === "string") return problem(platform);
  const otherCommit = commitProblem(row, read, context.commit);
  if (otherCommit !== null) return problem(otherCommit);
  const { mediaType, digest, size } = read;
  return { ok: true, arch: row.arch, entry: { mediaType, digest, size, platform } };
}

/** Rows for the same platform: an engine could only ever take one of them. */
export function samePlatforms(matrix: readonly MatrixRow[]): readonly string[] {
  const first = new Map<string, string>();
  return matrix.flatMap(({ arch, platform }) => {
    const name = formatPlatform(platform);
    const other = first.get(name);
    if (other === undefined) first.set(name, arch);
    return other === undefined ? [] : [`${other} and ${arch} are both for ${name}`];
  });
}
