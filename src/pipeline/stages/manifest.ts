// Makes the manifest lists of a release from what was pushed. Nothing is put before all lists are known to be complete; what
// fails then leaves every list either as it was or as it should be, and running it again finishes the rest.
import { engineName, parseReference } from "../../core/image/index.ts";
import { formatPlatform, type ImageReference } from "../../core/model/index.ts";
import type { PipelineDeps } from "../deps.ts";
import {
  foreignEntries,
  type ListEntry,
  laterRelease,
  listDocument,
  type Part,
  type Placed,
  type Prepared,
  placeLists,
  readPart,
  samePlatforms,
} from "../list/index.ts";
import type { ReleaseTag, StageOutcome } from "../model.ts";
import { type Ending, ending, failing } from "../outcome.ts";
import { askRegistry } from "../retry.ts";

const SHOWN_MAX = 6;
const NOTHING_MOVED =
  "No list was touched. Push what is missing or wrong, then run boardhand build manifest again.";

interface Work {
  readonly deps: PipelineDeps;
  readonly image: ImageReference;
  readonly kind: "docker" | "oci";
  /** The release in full, `1.2.3`; empty for latest. */
  readonly version: string;
}

type Step<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly string[] };

/** `1.2.3`, `1.2`, `1`, and `latest` at the end: what most people pull moves when the rest is in place. */
function inOrder(tags: readonly ReleaseTag[]): readonly ReleaseTag[] {
  const rank = ({ name, kind }: ReleaseTag) => (kind === "latest" ? -1 : name.split(".").length);
  return [...tags].sort((a, b) => rank(b) - rank(a));
}

/** The images of one release tag, sorted out: all of them, or what is wrong with each that is not right. */
async function readEntries({ deps, image }: Work, tag: ReleaseTag): Promise<Step<readonly ListEntry[]>> {
  const parts = await Promise.all(deps.config.matrix.map((row) => readPart(deps, image, row, tag)));
  const problems = parts.flatMap((part) => (part.ok ? [] : [part.problem]));
  if (problems.length > 0) return { ok: false, problems };
  const entries = parts.filter((part): part is Part & { ok: true } => part.ok).map(({ entry }) => entry);
  return { ok: true, value: entries };
}

async function prepare(work: Work, tag: ReleaseTag): Promise<Step<Prepared>> {
  const { deps, image, kind } = work;
  const entries = await readEntries(work, tag);
  if (!entries.ok) return entries;
  const asked = await askRegistry(deps, () => deps.registry.head(image, tag.name));
  if (!asked.ok && asked.error.code !== "E_REGISTRY_NOT_FOUND") {
    return { ok: false, problems: [`the list ${tag.name} cannot be looked at: ${asked.error.message}`] };
  }
  const document = listDocument(kind, entries.value);
  const current = asked.ok ? asked.value.digest : null;
  return { ok: true, value: { tag: tag.name, entries: entries.value, document, current } };
}

/** Release tags that a later release has stay there, each with a warning. */
async function withoutLater(work: Work, tags: readonly ReleaseTag[]): Promise<Step<readonly ReleaseTag[]>> {
  const { deps, image, version } = work;
  const kept: ReleaseTag[] = [];
  for (const tag of tags) {
    const later = await laterRelease(deps, image, { tag: tag.name, release: tag.name, version });
    if (!later.ok) return { ok: false, problems: [`the list ${tag.name}: ${later.error.message}`] };
    if (later.version === null) kept.push(tag);
    else {
      const text = `${tag.name} stays at ${later.version}, which is later than ${version}`;
      deps.report({ kind: "warning", arch: null, text });
    }
  }
  return { ok: true, value: kept };
}

/** Every list of the release, or everything that is wrong with any of them. */
async function prepareAll(work: Work, tags: readonly ReleaseTag[]): Promise<Step<readonly Prepared[]>> {
  const prepared: Prepared[] = [];
  const problems: string[] = [];
  for (const tag of tags) {
    const step = await prepare(work, tag);
    if (step.ok) prepared.push(step.value);
    else problems.push(...step.problems);
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: prepared };
}

function refused(end: Ending, name: string, problems: readonly string[]): StageOutcome {
  const shown = problems.slice(0, SHOWN_MAX).join("; ");
  const more = problems.length > SHOWN_MAX ? `; and ${problems.length - SHOWN_MAX} more` : "";
  const message = `the list of ${name} was not pushed: ${shown}${more}`;
  return end.failed({ code: "E_LIST", message, hint: NOTHING_MOVED }, { problems });
}

/** What an image's format may mean for a registry, and what the lists are made of. */
function tell({ deps, kind }: Work, prepared: readonly Prepared[]): void {
  const strangers = new Set(prepared.flatMap(({ entries }) => foreignEntries(kind, entries)));
  if (strangers.size > 0) {
    const [own, other, choice] = kind === "docker" ? ["docker", "OCI", "oci"] : ["OCI", "docker", "docker"];
    const text = `a list in ${own} format will have images in ${other} format, which some registries refuse (list: ${choice} makes the other kind)`;
    deps.report({ kind: "warning", arch: null, text });
  }
  for (const { tag, entries } of prepared) {
    const parts = entries.map(({ platform, digest }) => `${formatPlatform(platform)} ${digest}`);
    deps.report({ kind: "line", stage: "manifest", arch: null, text: `${tag}: ${parts.join(", ")}` });
  }
}

function conclude(end: Ending, name: string, placed: Placed, held: readonly string[]): StageOutcome {
  const { put, unchanged, left, failure, digests } = placed;
  const data = { put, unchanged, held, left, lists: digests };
  const same = unchanged.length === 0 ? "" : `${unchanged.join(", ")} unchanged`;
  const moved = put.length === 0 ? "" : `${name}:${put.join(", ")}`;
  const inPlace = [moved, same].filter((part) => part !== "").join("; ");
  if (failure === null) return end.done(inPlace, data);
  const before = inPlace === "" ? "no list was moved" : `in place: ${inPlace}`;
  const after = left.length === 0 ? "" : `; not reached: ${left.join(", ")}`;
  return end.failed({ ...failure, message: `${failure.message} (${before}${after})` }, data);
}

async function makeLists(work: Work, end: Ending, tags: readonly ReleaseTag[]): Promise<StageOutcome> {
  const name = engineName(work.image);
  const current = await withoutLater(work, inOrder(tags));
  if (!current.ok) return refused(end, name, current.problems);
  const held = tags.map((tag) => tag.name).filter((one) => !current.value.some((tag) => tag.name === one));
  if (current.value.length === 0) return end.skipped(`${held.join(", ")}: of a later release`);
  const prepared = await prepareAll(work, current.value);
  if (!prepared.ok) return refused(end, name, prepared.problems);
  tell(work, prepared.value);
  return conclude(end, name, await placeLists(work.deps, work.image, prepared.value), held);
}

/**
 * Puts the list of each release tag, all images of the matrix in it. `data`: tags `put`, `unchanged`, `held` (they belong to a
 * later release), `left` (not reached after a failure); `lists`, digests by tag; or `problems`. Needs no engine; everything that
 * can go wrong is an outcome.
 */
export async function runManifest(deps: PipelineDeps, tags: readonly ReleaseTag[]): Promise<StageOutcome> {
  const end = ending(deps.clock, "manifest", null);
  const { config, context } = deps;
  if (config.list === "none") return end.skipped("no list is wanted (list: none)");
  if (tags.length === 0) return end.skipped("this build makes no tags");
  const kind = config.list;
  return await failing(end, async () => {
    const image = parseReference(config.image);
    const twice = samePlatforms(config.matrix);
    const problems = context.event === "pull-request" ? ["a pull request pushes nothing"] : twice;
    if (problems.length > 0) return refused(end, engineName(image), problems);
    const version = inOrder(tags).find((tag) => tag.kind === "version")?.name ?? "";
    return await makeLists({ deps, image, kind, version }, end, tags);
  });
}
