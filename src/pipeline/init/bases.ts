// Which image stands for which on ARM: Docker's official images have one organisation an architecture
// (docker-library/official-images, README, "Architectures other than amd64"); whatever else is multi-arch or is not there.
import { readReference } from "../../core/image/index.ts";

export type ArmArch = "armhf" | "aarch64";

const ORGANISATIONS: Readonly<Record<ArmArch, string>> = { armhf: "arm32v7", aarch64: "arm64v8" };
const X86 = "amd64";

/** Official images that are there for arm32v7 and arm64v8. */
const BOTH: ReadonlySet<string> = new Set(
  (
    "alpine debian ubuntu busybox buildpack-deps node python nginx golang httpd redis postgres php ruby rust " +
    "haproxy memcached bash perl caddy"
  ).split(" "),
);
/** For 64-bit ARM alone. */
const WITHOUT_32_BIT: ReadonlySet<string> = new Set(["mysql", "mariadb", "mongo", "fedora"]);

export interface Base {
  /** What FROM says there. */
  readonly reference: string;
  /** What somebody has to know about it; null when there is nothing. */
  readonly note: string | null;
  /** True when it cannot be built as it is. */
  readonly missing: boolean;
}

/**
 * The counterpart of a base image. Only an official image changes: a third party's keeps its name and is chosen by
 * platform. `resolved` is the same with variables replaced by their defaults, to judge by.
 */
export function counterpart(written: string, resolved: string, arch: ArmArch): Base {
  const name = /^[^@$]*/.exec(written)?.[0].replace(/:[^/]*$/, "") ?? "";
  const rest = written.slice(name.length);
  if (name === "" || rest.startsWith("$")) {
    return stays(
      written,
      `${written} is a variable: it stays, and the platform chooses; set it with build_args`,
    );
  }
  if (rest.includes("@")) {
    return stays(
      written,
      `${written} is pinned: it stays, and builds only if the digest is that of a list with this platform`,
    );
  }
  const [, host = "", organisation = "", image = ""] =
    /^((?:index\.)?docker\.io\/)?(?:([^/]+)\/)?([^/]+)$/.exec(name) ?? [];
  if (image === "" || !["", "library", X86].includes(organisation)) {
    return stays(
      written,
      `${name} is not one of Docker's official images: it stays, and the platform chooses`,
    );
  }
  if (readReference(resolved) === null) return stays(written, `${written} is no image reference: it stays`);
  if (arch === "armhf" && WITHOUT_32_BIT.has(image)) {
    return { reference: written, note: `${image} has no image for 32-bit ARM`, missing: true };
  }
  if (!BOTH.has(image) && !WITHOUT_32_BIT.has(image)) {
    return stays(
      written,
      `${image}: it is not known whether there is one for ${arch}; it stays, and the platform chooses`,
    );
  }
  const reference = `${host}${ORGANISATIONS[arch]}/${image}${rest}`;
  const node = arch === "armhf" && image === "node" ? withoutArmNode(tagOf(resolved)) : null;
  return { reference, note: node, missing: node !== null };
}

function stays(reference: string, note: string): Base {
  return { reference, note, missing: false };
}

function tagOf(reference: string): string {
  return readReference(reference)?.tag ?? "latest";
}

/** Node dropped 32-bit ARM with 24, and Docker's images have none on Debian trixie (docker-node; docker-library/official-images). */
function withoutArmNode(tag: string): string | null {
  const [, major] = /^(\d+)/.exec(tag) ?? [];
  const isOld = major !== undefined && Number(major) <= 22;
  if (isOld && !tag.includes("trixie")) return null;
  const instead = tag.includes("alpine")
    ? "node:22-alpine"
    : tag.includes("slim")
      ? "node:22-bookworm-slim"
      : "node:22-bookworm";
  return `node:${tag} has no image for 32-bit ARM: ${instead} has, or debian:trixie-slim with its own nodejs`;
}
