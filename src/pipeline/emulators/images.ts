// The images that register emulators: which one a reference means, and what each is told. Others are refused.
import { readReference } from "../../core/image/index.ts";
import type { Finding } from "./needs.ts";

/** In order of preference: the first leaves other registrations alone. */
const KNOWN = ["tonistiigi/binfmt", "multiarch/qemu-user-static", "linuxkit/binfmt"] as const;
export type EmulatorImageKind = (typeof KNOWN)[number];

export interface EmulatorImage {
  readonly kind: EmulatorImageKind;
  readonly reference: string;
}

export type ImageAnswer =
  | { readonly ok: true; readonly image: EmulatorImage }
  | { readonly ok: false; readonly why: string; readonly hint: string };

/** What `emulators: IMAGE` means: the last two parts of the repository decide, so that a mirror may stand before them. */
export function readEmulatorImage(written: string): ImageAnswer {
  const reference = readReference(written);
  const kind = KNOWN.find((one) => one === reference?.repository.split("/").slice(-2).join("/"));
  if (reference === null || kind === undefined) {
    const shown = written.slice(0, 120);
    return {
      ok: false,
      why: `it is not known how the image ${JSON.stringify(shown)} registers emulators`,
      hint: `Set emulators to auto, host, none, or one of ${KNOWN.join(", ")}; a mirror and a tag may be added.`,
    };
  }
  if (kind === "multiarch/qemu-user-static" && /^(?:register|x86_64-.*)$/.test(reference.tag ?? "")) {
    return {
      ok: false,
      why: `${written} cannot register emulators for all containers: it has no QEMU of its own, or no script`,
      hint: "Take the tag latest, or a version such as 7.2.0-1.",
    };
  }
  return { ok: true, image: { kind, reference: written } };
}

/**
 * The image that `auto` takes. `local` are references that the engine has; only names without a mirror count, since
 * it is run with all rights: from elsewhere it has to be named. `engine` is the engine's architecture.
 */
export function chooseImage(local: readonly string[], engine: string): EmulatorImage {
  for (const kind of KNOWN) {
    // It is published for x86-64 alone.
    if (kind === "multiarch/qemu-user-static" && engine !== "amd64") continue;
    const reference = local.find((one) => isUsable(one, kind));
    if (reference !== undefined) return { kind, reference };
  }
  return { kind: "tonistiigi/binfmt", reference: "tonistiigi/binfmt" };
}

function isUsable(written: string, kind: EmulatorImageKind): boolean {
  const reference = readReference(written);
  const isHub = reference?.registry === "docker.io" && reference.repository === kind;
  return isHub && readEmulatorImage(written).ok;
}

/** What docker is told, so that what is `missing` gets registered. */
export function imageCommand(image: EmulatorImage, missing: readonly Finding[]): readonly string[] {
  if (image.kind === "linuxkit/binfmt") return ["docker", "run", "--rm", "--privileged", image.reference];
  if (image.kind === "multiarch/qemu-user-static") {
    return ["docker", "run", "--rm", "--privileged", image.reference, "--reset", "-p", "yes"];
  }
  // It leaves an entry of the same name as it is, even one that is switched off.
  const taken = missing.flatMap(({ readiness }) =>
    readiness.kind === "missing" && readiness.taken !== null ? [readiness.taken.name] : [],
  );
  return [
    ...["docker", "run", "--privileged", "--rm", image.reference],
    ...(taken.length === 0 ? [] : ["--uninstall", taken.join(",")]),
    ...["--install", missing.map(({ need }) => need.processor.architecture).join(",")],
  ];
}

/** What the image does beyond what is asked of it; null for nothing. */
export function sideEffect(kind: EmulatorImageKind): string | null {
  if (kind === "multiarch/qemu-user-static") return "it replaces every entry called qemu-*";
  return kind === "linuxkit/binfmt" ? "it replaces the entries of all emulators that it has" : null;
}
