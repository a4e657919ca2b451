// Tiny real images of any architecture, put together without an engine: Debian's static busybox and a script.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { ImageSpec } from "./push.ts";
import type { TarFile } from "./tar.ts";

const run = promisify(execFile);
const CACHE = join(import.meta.dirname, "../../.cache/lab");
const MAX_BINARY_BYTES = 16 * 1024 * 1024;

/** Debian's names. `armhf` is ARMv7; an image of it may say any 32-bit variant. */
export type LabArch = "amd64" | "arm64" | "armhf" | "armel" | "i386";

const PLATFORMS: Readonly<Record<LabArch, string>> = {
  amd64: "linux/amd64",
  arm64: "linux/arm64",
  armhf: "linux/arm/v7",
  armel: "linux/arm/v5",
  i386: "linux/386",
};

/** Port that every serving image answers on, with its version string and a line end. */
export const APP_PORT = 8080;

/** The files of the base layer; the binary is downloaded once and kept under .cache/lab. */
export async function busyboxLayer(arch: LabArch): Promise<Readonly<Record<string, TarFile>>> {
  const content = await readFile(await cachedBusybox(arch));
  // `sh` is a copy, for health checks in shell form; as `sh` it finds its other applets by itself.
  return { "bin/busybox": { content, mode: 0o755 }, "bin/sh": { content, mode: 0o755 } };
}

async function cachedBusybox(arch: LabArch): Promise<string> {
  await mkdir(CACHE, { recursive: true });
  const cached = join(CACHE, `busybox-${arch}`);
  if ((await readdir(CACHE)).includes(`busybox-${arch}`)) return cached;
  const work = await mkdtemp(join(tmpdir(), "boardhand-busybox-"));
  try {
    const binary = await downloadBusybox(arch, work);
    const partial = join(CACHE, `busybox-${arch}.${process.pid}`);
    await writeFile(partial, binary, { mode: 0o755 });
    await rename(partial, cached);
    return cached;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** With apt's lists in a directory of its own, so that the machine's architectures and lists stay as they are. */
async function downloadBusybox(arch: LabArch, work: string): Promise<Buffer> {
  await mkdir(join(work, "lists/partial"), { recursive: true });
  await mkdir(join(work, "archives/partial"), { recursive: true });
  await writeFile(join(work, "status"), "");
  const settings = {
    "APT::Architecture": arch,
    "APT::Architectures": arch,
    "APT::Sandbox::User": "root",
    "Acquire::Languages": "none",
    "Acquire::Retries": "3",
    "Dir::State": work,
    "Dir::State::lists": join(work, "lists"),
    "Dir::State::status": join(work, "status"),
    "Dir::Cache": work,
    "Dir::Cache::archives": join(work, "archives"),
  };
  const options = Object.entries(settings).flatMap(([key, value]) => ["-o", `${key}=${value}`]);
  const apt = (...words: string[]) =>
    run("apt-get", ["-q", ...options, ...words], { cwd: work, timeout: 300_000 });
  // One suite whose index is broken that day is no obstacle: what counts is whether the package comes.
  await apt("update").catch(() => undefined);
  await apt("download", `busybox-static:${arch}`);
  const deb = (await readdir(work)).find((name) => name.endsWith(".deb"));
  if (deb === undefined) throw new Error(`apt-get downloaded no busybox-static for ${arch}`);
  await run("dpkg-deb", ["-x", join(work, deb), join(work, "tree")]);
  for (const path of ["bin/busybox", "usr/bin/busybox"]) {
    const binary = await readFile(join(work, "tree", path)).catch(() => null);
    if (binary !== null && binary.length < MAX_BINARY_BYTES) return binary;
  }
  throw new Error(`${deb} holds no busybox`);
}

export type Behaviour = "serve" | "exit" | "crash" | "crash-later" | "unhealthy" | "deaf";

/** As image configs write it: durations in nanoseconds. */
export interface ImageHealthcheck {
  readonly Test: readonly string[];
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly Retries?: number;
}

export interface AppImageOptions {
  readonly arch: LabArch;
  /** What the config says instead of the architecture's own platform, such as `linux/arm/v6`. */
  readonly platform?: string;
  readonly version: string;
  readonly behaviour: Behaviour;
  /** Given: instead of the behaviour's own; only `unhealthy` has one. */
  readonly healthcheck?: ImageHealthcheck;
  readonly labels?: Readonly<Record<string, string>>;
}

const SERVE = `httpd -f -p ${APP_PORT} -h /www & wait`;
const STOPPABLE = "trap 'exit 0' TERM INT;";

const SCRIPTS: Readonly<Record<Behaviour, string>> = {
  serve: `${STOPPABLE} ${SERVE}`,
  exit: "cat /www/index.html",
  crash: "cat /www/index.html; exit 3",
  "crash-later": `${STOPPABLE} sleep 1 & wait; exit 3`,
  unhealthy: `${STOPPABLE} ${SERVE}`,
  // PID 1 without a handler does not hear SIGTERM: it has to be killed.
  deaf: SERVE,
};

const PROBE: ImageHealthcheck = {
  Test: ["CMD-SHELL", "test -e /tmp/healthy || { echo not yet healthy; exit 1; }"],
  Interval: 300_000_000,
  Timeout: 5_000_000_000,
  Retries: 3,
};

/** An image that behaves as asked, ready for `pushImage`; the same options give the same bytes, so the same digests. */
export async function appImage(options: AppImageOptions): Promise<ImageSpec> {
  const healthcheck = options.healthcheck ?? defaultProbe(options.behaviour);
  return {
    platform: options.platform ?? PLATFORMS[options.arch],
    layers: [
      await busyboxLayer(options.arch),
      {
        "www/index.html": { content: `${options.version}\n` },
        "tmp/.keep": { content: "" },
        start: { content: `#!/bin/sh\n${SCRIPTS[options.behaviour]}\n`, mode: 0o755 },
      },
    ],
    config: {
      Cmd: ["/start"],
      Env: ["PATH=/bin", `APP_VERSION=${options.version}`],
      ExposedPorts: { [`${APP_PORT}/tcp`]: {} },
      Labels: { "org.opencontainers.image.version": options.version, ...options.labels },
      ...(healthcheck === null ? {} : { Healthcheck: healthcheck }),
    },
  };
}

function defaultProbe(behaviour: Behaviour): ImageHealthcheck | null {
  return behaviour === "unhealthy" ? PROBE : null;
}
