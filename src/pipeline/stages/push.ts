// Pushes one image under its tags with docker, and reads each back. Refuses pull requests, and a tag that a later release has.
import { engineName, parseReference } from "../../core/image/index.ts";
import type { Digest, ImageReference, MatrixRow } from "../../core/model/index.ts";
import type { ProgramEnd } from "../../ports/index.ts";
import type { PipelineDeps } from "../deps.ts";
import { laterRelease } from "../list/index.ts";
import {
  type DockerFailure,
  type DockerLogin,
  environmentLogin,
  type LoggedIn,
  readFailure,
} from "../login/index.ts";
import type { StageFailure, StageOutcome } from "../model.ts";
import { type Ending, ending, failing } from "../outcome.ts";
import { askRegistry, retrying } from "../retry.ts";
import { archTag, releaseTags } from "../tags/index.ts";

export type PushDeps = PipelineDeps & { readonly login: DockerLogin };

const TAG_TIMEOUT_MS = 60_000;
const DIGEST = /digest: (sha256:[0-9a-f]{64})/g;
const AGAIN = "What was uploaded is kept: run it again.";
const INTERRUPTED: StageFailure = {
  code: "E_ABORTED",
  message: "the push was interrupted",
  hint: AGAIN,
};

interface Push {
  readonly deps: PushDeps;
  readonly row: MatrixRow;
  readonly image: ImageReference;
  readonly login: LoggedIn;
}

function refused(message: string, hint: string): StageFailure {
  return { code: "E_PUSH", message, hint };
}

function loginHint({ deps, image }: Push): string {
  const login = environmentLogin(deps.environment);
  if (login.kind === "login") {
    return `Check DOCKER_USERNAME and DOCKER_PASSWORD, and that this account may push to ${engineName(image)}.`;
  }
  const set = `Set DOCKER_USERNAME and DOCKER_PASSWORD, or log in with docker login ${image.registry}.`;
  return login.kind === "none" && login.empty
    ? `${set} Both are empty here: many CIs keep their secrets from pull requests of forks.`
    : set;
}

function hintFor(push: Push, kind: DockerFailure): string {
  const hints: Readonly<Record<DockerFailure, string>> = {
    auth: loginHint(push),
    transient: `It was tried three times. ${AGAIN}`,
    certificate:
      "The engine does not trust the registry: see /etc/docker/certs.d, or insecure-registries in daemon.json.",
    "no-image": "Build it first: boardhand build image push.",
    engine: "Check that the engine runs, and DOCKER_HOST.",
    space: "Free space where docker keeps its images, or in the registry.",
    other: AGAIN,
  };
  return hints[kind];
}

async function docker(push: Push, args: readonly string[], timeoutMs: number): Promise<ProgramEnd> {
  const { deps, row, login } = push;
  return await deps.programs.run({
    command: "docker",
    args,
    environment: login.environment,
    timeoutMs,
    signal: deps.signal,
    onLine: (line) => deps.report({ kind: "line", stage: "push", arch: row.arch, text: login.redact(line) }),
  });
}

type Pushed =
  | { readonly ok: true; readonly digest: Digest }
  | { readonly ok: false; readonly failure: StageFailure };

/** What the registry has under the tag now must be what docker says that it sent. */
async function readBack(push: Push, tag: string, output: string): Promise<Pushed> {
  const { deps, image } = push;
  const name = `${engineName(image)}:${tag}`;
  const asked = await askRegistry(deps, () => deps.registry.head(image, tag));
  if (!asked.ok) {
    const { message, hint } = asked.error;
    return {
      ok: false,
      failure: refused(`${name} was pushed but cannot be read back: ${message}`, hint ?? AGAIN),
    };
  }
  const { digest } = asked.value;
  const sent = [...output.matchAll(DIGEST)].at(-1)?.[1];
  if (sent === undefined || sent === digest) return { ok: true, digest };
  const message = `${name} is ${digest} in the registry, and ${sent} was pushed`;
  return {
    ok: false,
    failure: refused(message, "Somebody else pushes the same tag at this time: run it again."),
  };
}

async function pushTag(push: Push, local: string, tag: string): Promise<Pushed> {
  const { deps, image, login } = push;
  const name = `${engineName(image)}:${tag}`;
  const say = (end: ProgramEnd): Pushed => {
    if (deps.signal.aborted) return { ok: false, failure: INTERRUPTED };
    const { kind, line } = readFailure(end);
    return {
      ok: false,
      failure: refused(`${name} was not pushed: ${login.redact(line)}`, hintFor(push, kind)),
    };
  };
  if (local !== name) {
    const tagged = await docker(push, ["tag", local, name], TAG_TIMEOUT_MS);
    if (tagged.status !== 0) return say(tagged);
  }
  const end = await retrying(
    deps,
    () => docker(push, ["push", name], deps.config.timeoutMs),
    (one) => one.status !== 0 && readFailure(one).kind === "transient",
  );
  return end.status === 0 ? await readBack(push, tag, end.stdout) : say(end);
}

interface Wanted {
  readonly tags: readonly string[];
  readonly failure: StageFailure | null;
}

/** The tags without those that a later release has; each of these is a warning. */
async function withoutLater({ deps, row, image }: Push, tags: readonly string[]): Promise<Wanted> {
  const releases = releaseTags(deps.context, deps.config.main);
  const version = releases[0]?.name ?? "";
  const kept: string[] = [];
  for (const tag of tags) {
    const release = releases.find((one) => archTag(row.tags, row.word, one) === tag)?.name ?? tag;
    const later = await laterRelease(deps, image, { tag, release, version });
    if (!later.ok) {
      const { message, hint } = later.error;
      return {
        tags: [],
        failure: refused(`${tag} cannot be looked at before the push: ${message}`, hint ?? AGAIN),
      };
    }
    if (later.version === null) kept.push(tag);
    else {
      const text = `${tag} stays at ${later.version}, which is later than ${version}`;
      deps.report({ kind: "warning", arch: row.arch, text });
    }
  }
  return { tags: kept, failure: null };
}

async function pushAll(push: Push, end: Ending, local: string, tags: readonly string[]) {
  const wanted = await withoutLater(push, tags);
  if (wanted.failure !== null) return end.failed(wanted.failure);
  const held = tags.filter((tag) => !wanted.tags.includes(tag));
  const done: string[] = [];
  let digest: Digest | null = null;
  for (const tag of wanted.tags) {
    const pushed = await pushTag(push, local, tag);
    if (!pushed.ok) {
      const before = done.length === 0 ? "" : ` (${done.join(", ")} before it was)`;
      const message = `${pushed.failure.message}${before}`;
      return end.failed({ ...pushed.failure, message }, { tags: done, held, digest });
    }
    digest = pushed.digest;
    done.push(tag);
  }
  if (done.length === 0) return end.skipped(`${held.join(", ")}: of a later release`);
  return end.done(`${engineName(push.image)}:${done.join(", ")}`, { tags: done, held, digest });
}

/**
 * Tags the local `image` (`user/app:armhf`, or an image ID) as each of `tags`, tags without a repository, pushes them and reads their digests
 * back. `data`: `tags`, `held` (they belong to a later release), `digest`. Everything that can go wrong is an outcome.
 */
export async function runPush(
  deps: PushDeps,
  row: MatrixRow,
  image: string,
  tags: readonly string[],
): Promise<StageOutcome> {
  const end = ending(deps.clock, "push", row.arch);
  if (!row.push) return end.skipped("somebody else pushes it (push: false)");
  if (tags.length === 0) return end.skipped("this build makes no tags");
  if (deps.context.event === "pull-request") {
    return end.failed(refused("a pull request pushes nothing", "Push from the main branch, or a tag."));
  }
  return await failing(end, async () => {
    const reference = parseReference(deps.config.image);
    const opened = await deps.login.open();
    if (!opened.ok) return end.failed(opened.failure);
    return await pushAll({ deps, row, image: reference, login: opened.login }, end, image, tags);
  });
}
