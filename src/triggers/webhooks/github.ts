// GitHub's container registry: the events `package` and `registry_package`, and their older forms. One delivery a manifest;
// those of single platforms come without a tag.
import { at, firstOf, hostOfUrl, splitImage, textAt } from "./fields.ts";
import { headerOf, type Provider, type Push } from "./provider.ts";

const EVENTS: ReadonlySet<string> = new Set(["package", "package_v2", "registry_package"]);
const ACTIONS: ReadonlySet<string> = new Set(["published", "updated", "create", "created"]);
const CONTAINERS: ReadonlySet<string> = new Set(["container", "docker"]);

export const github: Provider = {
  name: "github",
  proofs: [{ kind: "signature", header: "x-hub-signature-256" }],
  neverRefuse: false,
  read(payload, headers) {
    if (!EVENTS.has(headerOf(headers, "x-github-event")) || !ACTIONS.has(textAt(payload, "action")))
      return [];
    const told = at(payload, "registry_package") ?? at(payload, "package");
    const kinds = [textAt(told, "package_type"), textAt(told, "ecosystem"), textAt(told, "registry", "type")];
    if (!kinds.some((kind) => CONTAINERS.has(kind.toLowerCase()))) return [];
    const version = at(told, "package_version");
    const tag = firstOf(textAt(version, "container_metadata", "tag", "name"), oldTag(version));
    const image = imageOf(told, version);
    return image === null || tag === ""
      ? []
      : [{ ...image, tag, id: headerOf(headers, "x-github-delivery") }];
  },
};

/** Before there was container metadata, the version of a package was its tag. */
function oldTag(version: unknown): string {
  return at(version, "container_metadata") === undefined ? textAt(version, "version") : "";
}

function imageOf(told: unknown, version: unknown): Pick<Push, "registry" | "repository"> | null {
  const written = splitImage(textAt(version, "package_url"));
  if (written.host !== null) return { registry: written.host, repository: written.name.toLowerCase() };
  const name = textAt(told, "name").toLowerCase();
  if (name === "") return null;
  const url = textAt(told, "registry", "url");
  const owner = firstOf(textAt(told, "namespace"), textAt(told, "owner", "login")).toLowerCase();
  // The registry before ghcr.io had its packages below a repository.
  if (at(version, "container_metadata") === undefined && url !== "") {
    const folder = URL.canParse(url) ? new URL(url).pathname.slice(1).toLowerCase() : "";
    return { registry: hostOfUrl(url), repository: `${folder}/${name}` };
  }
  return owner === "" ? null : { registry: "ghcr.io", repository: `${owner}/${name}` };
}
