// From the checked file form to PipelineConfig: units become numbers, paths absolute, rows complete; and what types cannot
// say: a repository's grammar, platforms, architectures named twice.
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { isRepository, parsePlatform, readReference } from "../../../core/image/index.ts";
import {
  BoardhandError,
  type EmulatorChoice,
  type MatrixRow,
  type PipelineConfig,
  type Platform,
} from "../../../core/model/index.ts";
import { shown } from "../problems.ts";
import type { Problem } from "../tree.ts";
import { parseDuration } from "../units.ts";
import type { PipelineForm } from "./schema.ts";

const VERSION_TEMPLATE = "{version}-{arch}";
const LATEST_TEMPLATE = "{arch}";

type RowForm = PipelineForm["matrix"][number];

/** `root` is the repository's root, from which paths count. Assumes that there are no `meaningProblems`. */
export function toPipeline(form: PipelineForm, file: string, root: string): PipelineConfig {
  const context = resolve(root, form.context);
  return {
    file,
    root,
    context,
    image: form.image,
    main: form.main,
    builder: form.builder,
    parallel: form.parallel ?? Math.max(1, Math.min(availableParallelism(), form.matrix.length)),
    emulators: emulatorsOf(form.emulators),
    prepare: listOf(form.prepare),
    test: listOf(form.test),
    timeoutMs: parseDuration(form.timeout) ?? 0,
    list: form.list,
    labels: form.labels,
    matrix: form.matrix.map((row) => toRow(row, form, context)),
  };
}

function toRow(row: RowForm, form: PipelineForm, context: string): MatrixRow {
  return {
    arch: row.arch,
    platform: platformOf(row.platform) ?? { os: "linux", architecture: row.platform, variant: null },
    dockerfile: resolve(context, row.dockerfile),
    word: row.tag ?? row.arch,
    tags: {
      version: row.tags.version ?? form.tags.version ?? VERSION_TEMPLATE,
      latest: row.tags.latest ?? form.tags.latest ?? LATEST_TEMPLATE,
    },
    push: row.push,
    buildArgs: { ...form.build_args, ...row.build_args },
    secrets: row.secrets,
    target: row.target,
    smoke: row.smoke === undefined ? form.smoke : row.smoke,
  };
}

/** What the schema cannot say, with places. */
export function meaningProblems(form: PipelineForm): readonly Problem[] {
  const problems: Problem[] = [];
  const say = (path: Problem["path"], text: string): void => void problems.push({ path, atKey: false, text });
  if (!isRepository(form.image)) {
    say(["image"], `${shown(form.image)}; expected a repository without tag or digest such as user/app`);
  }
  if (emulatorImage(form.emulators) !== null && readReference(form.emulators) === null) {
    say(["emulators"], `${shown(form.emulators)}; expected auto, host, none, or an image`);
  }
  const archs = new Map<string, number>();
  for (const [index, row] of form.matrix.entries()) {
    const earlier = archs.get(row.arch);
    if (earlier !== undefined) {
      say(["matrix", index, "arch"], `${shown(row.arch)} as in matrix[${earlier}]; expected each once`);
    }
    archs.set(row.arch, index);
    for (const text of rowProblems(row, form)) say(["matrix", index, text.key], text.text);
  }
  return problems;
}

function rowProblems(
  row: RowForm,
  form: PipelineForm,
): readonly { readonly key: string; readonly text: string }[] {
  const found: { key: string; text: string }[] = [];
  const platform = platformOf(row.platform);
  if (platform === null) {
    const text = `${shown(row.platform)}; expected OS/ARCHITECTURE[/VARIANT] such as linux/amd64, linux/arm64 or linux/arm/v7`;
    found.push({ key: "platform", text });
  }
  if (row.secrets.length > 0 && form.builder === "classic") {
    found.push({
      key: "secrets",
      text: "is given with builder: classic; expected buildx, which has secrets",
    });
  }
  return found;
}

/** Architectures that engines have images for; a slip such as `linux/armv9` is not one of them. */
const ARCHITECTURES: readonly string[] = [
  ...["amd64", "386", "arm", "arm64", "riscv64", "ppc64le", "s390x", "mips64le", "loong64"],
];

function platformOf(text: string): Platform | null {
  try {
    const platform = parsePlatform(text);
    const known = ARCHITECTURES.includes(platform.architecture) && platform.os === "linux";
    const arm = platform.architecture !== "arm" || /^v[5-8]$/.test(platform.variant ?? "");
    return known && arm ? platform : null;
  } catch (error) {
    if (error instanceof BoardhandError) return null;
    throw error;
  }
}

function emulatorImage(text: string): string | null {
  return text === "auto" || text === "host" || text === "none" ? null : text;
}

function emulatorsOf(text: string): EmulatorChoice {
  return text === "auto" || text === "host" || text === "none" ? text : { image: text };
}

function listOf(commands: string | readonly string[]): readonly string[] {
  return typeof commands === "string" ? [commands] : commands;
}
