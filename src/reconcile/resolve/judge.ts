// Reads one tag or digest to the end and says which image in it this board can run, or why none; only the config is believed.
import {
  chooseEntry,
  configDiffIds,
  configFits,
  configPlatform,
  describePlatforms,
  engineName,
  type ImageManifest,
  type IndexEntry,
  type Manifest,
  parseManifest,
} from "../../core/image/index.ts";
import {
  BoardhandError,
  type Digest,
  formatPlatform,
  type ImageReference,
  type PinnedImage,
  type Platform,
} from "../../core/model/index.ts";
import type { ManifestDocument, Registry } from "../../ports/index.ts";
import type { Problem } from "./resolution.ts";

export type Verdict =
  | { readonly kind: "fits"; readonly image: PinnedImage }
  | { readonly kind: "problem"; readonly problem: Problem };

export interface Question {
  /** What the compose file says. */
  readonly written: string;
  /** What is read: the written reference or a per-architecture one. */
  readonly reference: ImageReference;
  /** A tag, or a digest. */
  readonly at: string;
  /** What the tag points at, where mirrors may have it; null: the registry is asked by tag. */
  readonly digest: Digest | null;
  readonly vector: readonly Platform[];
  readonly variantRequired: boolean;
  /** The last image of this request: its manifest is not read again when the list still names it. */
  readonly last: PinnedImage | null;
}

function problem(reason: Problem["reason"], message: string): Verdict {
  return { kind: "problem", problem: { reason, message } };
}

function nameOf({ reference, at }: Question): string {
  return `${engineName(reference)}${at.startsWith("sha256:") ? "@" : ":"}${at}`;
}

function wanted(vector: readonly Platform[]): string {
  const [own] = vector;
  return own === undefined ? "no platform" : formatPlatform(own);
}

function pin(
  question: Question,
  indexDigest: Digest,
  rest: Pick<PinnedImage, "platformDigest" | "configDigest" | "platform" | "layers" | "diffIds">,
): Verdict {
  const { reference, at, written } = question;
  return {
    kind: "fits",
    image: {
      reference: written,
      name: engineName(reference),
      tag: at.startsWith("sha256:") ? null : at,
      indexDigest,
      platformDigest: rest.platformDigest,
      configDigest: rest.configDigest,
      platform: rest.platform,
      layers: rest.layers,
      ...(rest.diffIds === undefined ? {} : { diffIds: rest.diffIds }),
    },
  };
}

/** The manifest, or the parser's complaint with the image's name in front. */
function parse(question: Question, document: ManifestDocument): Manifest {
  try {
    return parseManifest(document.mediaType, document.body);
  } catch (error) {
    if (!(error instanceof BoardhandError)) throw error;
    throw new BoardhandError(error.code, `${nameOf(question)}: ${error.message}`, {
      retry: "backoff",
      cause: error,
      ...(error.hint === null ? {} : { hint: error.hint }),
    });
  }
}

/** A list can name a manifest that has not been pushed yet: that is asked for again, so it is an error and not a verdict. */
async function readChild(registry: Registry, question: Question, entry: IndexEntry): Promise<ImageManifest> {
  const platform = entry.platform === null ? "" : ` for ${formatPlatform(entry.platform)}`;
  try {
    const document = await registry.manifest(question.reference, entry.digest);
    const manifest = parse(question, document);
    if (manifest.kind === "image") return manifest;
  } catch (error) {
    if (!(error instanceof BoardhandError) || error.code !== "E_REGISTRY_NOT_FOUND") throw error;
    throw new BoardhandError(
      "E_REGISTRY_NOT_FOUND",
      `${nameOf(question)} lists ${entry.digest}${platform}, but the registry does not have it (yet)`,
      { retry: "backoff", hint: "Wait until the push is complete, or push the image again.", cause: error },
    );
  }
  throw new BoardhandError("E_REGISTRY_PROTOCOL", `${nameOf(question)} lists another list${platform}`, {
    retry: "backoff",
    hint: "Push a list whose entries are images.",
  });
}

async function checkConfig(
  registry: Registry,
  question: Question,
  found: {
    readonly manifest: ImageManifest;
    readonly digest: Digest;
    readonly indexDigest: Digest;
    readonly entry: IndexEntry | null;
  },
): Promise<Verdict> {
  const { manifest, entry } = found;
  const body = await registry.config(question.reference, manifest.configDigest);
  const config = configPlatform(body);
  if (config === null) {
    const type = manifest.configMediaType.slice(0, 100) || "no media type";
    return problem(
      "ArchitectureMismatch",
      `${nameOf(question)} is not a container image: its config (${type}) names no processor`,
    );
  }
  // What the list says proves the variant as well as the config itself does.
  const variantRequired = question.variantRequired && entry === null;
  if (!configFits(config, question.vector, { variantRequired })) {
    const claim =
      entry?.platform == null ? "" : `, although it is listed for ${formatPlatform(entry.platform)}`;
    const unsure = config.variantKnown ? "" : " of an unknown variant";
    return problem(
      "ArchitectureMismatch",
      `${nameOf(question)} was built for ${formatPlatform(config.platform)}${unsure}${claim}; wanted is ${wanted(question.vector)}`,
    );
  }
  const diffIds = configDiffIds(body, manifest.layers.length);
  return pin(question, found.indexDigest, {
    ...(diffIds === null ? {} : { diffIds }),
    platformDigest: found.digest,
    configDigest: manifest.configDigest,
    platform: config.variantKnown ? config.platform : (entry?.platform ?? config.platform),
    layers: manifest.layers,
  });
}

/** At most three requests: what the tag points at, the manifest for this platform, its config. Throws BoardhandError. */
export async function judge(registry: Registry, question: Question): Promise<Verdict> {
  const document = await registry.manifest(question.reference, question.digest ?? question.at);
  const indexDigest = document.digest;
  const manifest = parse(question, document);
  if (manifest.kind === "image") {
    return checkConfig(registry, question, { manifest, digest: indexDigest, indexDigest, entry: null });
  }
  const entry = chooseEntry(manifest, question.vector);
  if (entry === null) {
    return problem(
      "ArchitectureMissing",
      `${nameOf(question)} has no image for ${wanted(question.vector)}; it has ${describePlatforms(manifest)}`,
    );
  }
  const { last } = question;
  if (last !== null && last.platformDigest === entry.digest && last.name === engineName(question.reference)) {
    return pin(question, indexDigest, last);
  }
  const child = await readChild(registry, question, entry);
  return checkConfig(registry, question, { manifest: child, digest: entry.digest, indexDigest, entry });
}
