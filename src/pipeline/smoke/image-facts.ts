// What `docker image inspect` says of an image, as far as the smoke stage needs it, and whether its config keeps the
// promise of the matrix.
import { normalizePlatform, platformVector, rankPlatform, samePlatform } from "../../core/image/index.ts";
import { formatPlatform, type Platform } from "../../core/model/index.ts";

export interface ImageFacts {
  /** `sha256:…`. */
  readonly id: string;
  /** Unpacked, bytes; null where the engine does not say. */
  readonly size: number | null;
  readonly os: string;
  readonly architecture: string;
  readonly variant: string | null;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  /** `CMD`, `CMD-SHELL` or `NONE` and what comes after; empty without. */
  readonly healthTest: readonly string[];
  /** For the shell form of a health check. */
  readonly shell: readonly string[];
  /** Of its environment; null where it sets none. */
  readonly path: string | null;
  /** QEMU_CPU of its environment. */
  readonly qemuCpu: string | null;
  readonly directory: string;
}

/** The answer of `docker image inspect`, which may be anything; null where it describes no image. */
export function readImageFacts(text: string): ImageFacts | null {
  const answer = parsed(text);
  const image: unknown = Array.isArray(answer) ? answer[0] : null;
  if (!isRecord(image)) return null;
  const { Id: id, Os: os, Architecture: architecture } = image;
  if (typeof id !== "string" || !/^sha256:[0-9a-f]{64}$/.test(id)) return null;
  const config = isRecord(image.Config) ? image.Config : {};
  const health = isRecord(config.Healthcheck) ? config.Healthcheck : {};
  const shell = texts(config.Shell);
  return {
    id,
    size: typeof image.Size === "number" ? image.Size : null,
    os: typeof os === "string" ? os : "",
    architecture: typeof architecture === "string" ? architecture : "",
    variant: typeof image.Variant === "string" && image.Variant !== "" ? image.Variant : null,
    entrypoint: texts(config.Entrypoint),
    command: texts(config.Cmd),
    healthTest: texts(health.Test),
    shell: shell.length === 0 ? ["/bin/sh", "-c"] : shell,
    path: variable(config.Env, "PATH"),
    qemuCpu: variable(config.Env, "QEMU_CPU"),
    directory: typeof config.WorkingDir === "string" && config.WorkingDir !== "" ? config.WorkingDir : "/",
  };
}

/** The config's own words, as `--platform` takes them: the engine refuses an image under any other. */
export function configPlatform({ os, architecture, variant }: ImageFacts): string {
  return formatPlatform({ os, architecture, variant });
}

export type ConfigJudgement =
  | { readonly kind: "kept"; readonly remark: string | null }
  | { readonly kind: "broken"; readonly why: string };

/**
 * A lower variant than promised would run there (v6 on v7), and is refused all the same: the list names what the image itself
 * says, and a row that promises something else is a mistake in one of the two. A 32-bit ARM config without a variant is kept
 * with a remark: engines take it for v7.
 */
export function judgeConfig(image: ImageFacts, promised: Platform): ConfigJudgement {
  const wanted = formatPlatform(promised);
  if (image.os === "" || image.architecture === "") {
    return { kind: "broken", why: `its config does not say what it is for, the matrix promises ${wanted}` };
  }
  const own = normalizePlatform(image.os, image.architecture, image.variant);
  const differs = own.os !== promised.os || own.architecture !== promised.architecture;
  const silent = own.architecture === "arm" && image.variant === null && !differs;
  if (silent) {
    const remark = `its config says arm without a variant; a list must say ${wanted} for it, as the matrix does`;
    return { kind: "kept", remark };
  }
  if (samePlatform(own, promised)) return { kind: "kept", remark: null };
  const says = `its config says ${formatPlatform(own)}, the matrix promises ${wanted}`;
  const lower = !differs && rankPlatform(own, platformVector(promised)) !== -1;
  const more = `; write platform: ${formatPlatform(own)} there, which boards of ${wanted} take too`;
  return { kind: "broken", why: lower ? `${says}${more}` : says };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

function variable(environment: unknown, name: string): string | null {
  const found = texts(environment).findLast((entry) => entry.startsWith(`${name}=`));
  return found?.slice(name.length + 1) ?? null;
}
