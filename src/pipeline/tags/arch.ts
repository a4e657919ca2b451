// The per-architecture tags of a release, and what must be refused before anything is built: tags that are none, and tags
// that would take each other's place.
import type { MatrixRow, PipelineConfig, TagTemplates } from "../../core/model/index.ts";
import type { BuildContext, ReleaseTag, StageFailure } from "../model.ts";
import { isTag, releaseTags, TAG_LENGTH_MAX } from "./release.ts";

const LATEST: ReleaseTag = { name: "latest", kind: "latest" };
/** Stands for a release when none is being made, so that a mistake shows before the first one. */
const SAMPLE: ReleaseTag = { name: "1.2.3", kind: "version" };
const SHOWN_MAX = 80;

/** The tag of one row in one release: `1.2.3-armhf`; `armhf` for latest, where `{version}` is `latest`. */
export function archTag(templates: TagTemplates, word: string, release: ReleaseTag): string {
  const template = release.kind === "latest" ? templates.latest : templates.version;
  const words: Readonly<Record<string, string>> = { "{version}": release.name, "{arch}": word };
  return template.replace(/\{(?:version|arch)\}/g, (name) => words[name] ?? name);
}

/** `1.2.3-armhf`, `1.2-armhf`, `1-armhf`, in the order of the releases, each once. */
export function archTags(
  templates: TagTemplates,
  word: string,
  releases: readonly ReleaseTag[],
): readonly string[] {
  return [...new Set(releases.map((release) => archTag(templates, word, release)))];
}

type Config = Pick<PipelineConfig, "matrix" | "list" | "main">;

function problem(message: string, hint: string): StageFailure {
  return { code: "E_CONFIG", message, hint };
}

function gitTagProblems(context: BuildContext, releases: readonly ReleaseTag[]): readonly StageFailure[] {
  const { event, tag } = context;
  if (event !== "tag" || tag === null) return [];
  const shown = tag.slice(0, SHOWN_MAX);
  if (releases.length === 0) {
    return [
      problem(
        `the git tag ${JSON.stringify(shown)} cannot be made the tag of an image`,
        `A tag has up to ${TAG_LENGTH_MAX} letters, digits, dots, dashes and underscores: choose another git tag.`,
      ),
    ];
  }
  if (!releases.some(({ name }) => name === LATEST.name)) return [];
  return [
    problem(
      `the git tag ${JSON.stringify(shown)} would take the place of the tag that the main branch makes`,
      "Give the release a version, such as v1.2.3.",
    ),
  ];
}

function rowProblems(row: MatrixRow, releases: readonly ReleaseTag[]): readonly StageFailure[] {
  const { arch, tags, word } = row;
  const illegal = archTags(tags, word, releases)
    .filter((tag) => !isTag(tag))
    .map((tag) =>
      problem(
        `${arch}: ${JSON.stringify(tag.slice(0, SHOWN_MAX))} is not a tag`,
        `A tag has up to ${TAG_LENGTH_MAX} letters, digits, dots, dashes and underscores, and starts with none of . and -; templates know {version} and {arch}.`,
      ),
    );
  if (tags.version.includes("{version}")) return illegal;
  return [
    ...illegal,
    problem(
      `${arch}: its tags.version ${JSON.stringify(tags.version.slice(0, SHOWN_MAX))} is the same for every release`,
      "Put {version} into it, as in {version}-{arch}.",
    ),
  ];
}

/** Two rows may share a tag when somebody else pushes it: it may be a list of both. */
function sharedTags(matrix: readonly MatrixRow[], releases: readonly ReleaseTag[]): readonly StageFailure[] {
  const owners = new Map<string, MatrixRow>();
  const found: StageFailure[] = [];
  for (const row of matrix) {
    for (const tag of archTags(row.tags, row.word, releases)) {
      const other = owners.get(tag);
      if (other === undefined) owners.set(tag, row);
      else if (other.push || row.push) {
        found.push(
          problem(
            `${other.arch} and ${row.arch} would both be pushed as ${tag.slice(0, SHOWN_MAX)}`,
            "Put {arch} into the tags, or give one of them another word (tag:).",
          ),
        );
      }
    }
  }
  return found;
}

/** A list would take the place of the image that it is made from. */
function listTags({ matrix, list }: Config, releases: readonly ReleaseTag[]): readonly StageFailure[] {
  if (list === "none") return [];
  const lists = new Set(releases.map(({ name }) => name));
  return matrix
    .filter(({ push }) => push)
    .flatMap((row) =>
      archTags(row.tags, row.word, releases)
        .filter((tag) => lists.has(tag))
        .map((tag) =>
          problem(
            `${row.arch} would be pushed as ${tag.slice(0, SHOWN_MAX)}, which is the tag of the manifest list`,
            "Put {arch} into its tags, or make no list (list: none).",
          ),
        ),
    );
}

/**
 * What is wrong with the tags of a matrix, for this build, the main branch and a release that is still to come; empty when
 * nothing is. To be asked before anything is built.
 */
export function tagProblems(config: Config, context: BuildContext): readonly StageFailure[] {
  const own = releaseTags(context, config.main);
  const releases = own.some(({ kind }) => kind === "version") ? [...own, LATEST] : [SAMPLE, LATEST];
  return [
    ...gitTagProblems(context, own),
    ...config.matrix.flatMap((row) => rowProblems(row, releases)),
    ...sharedTags(config.matrix, releases),
    ...listTags(config, releases),
  ];
}
