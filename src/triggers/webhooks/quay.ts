// Quay: one notification a push with all its tags, as a list or, from older ones, as a map from tag to image.
import { at, firstOf, hostOfUrl, listAt, splitImage, textAt } from "./fields.ts";
import type { Provider } from "./provider.ts";

const MAX_TAGS = 1_000;

export const quay: Provider = {
  name: "quay",
  proofs: [],
  neverRefuse: false,
  read(payload) {
    const { host, name } = splitImage(textAt(payload, "docker_url"));
    const registry = host ?? hostOfUrl(textAt(payload, "homepage"));
    const repository = firstOf(host === null ? "" : name, textAt(payload, "repository"));
    if (repository === "") return [];
    return tagsOf(payload)
      .filter((tag) => tag !== "")
      .map((tag) => ({ registry, repository, tag, id: "" }));
  },
};

function tagsOf(payload: unknown): readonly string[] {
  const tags = at(payload, "updated_tags");
  if (typeof tags !== "object" || tags === null) return [];
  const names: readonly unknown[] = Array.isArray(tags) ? listAt(payload, "updated_tags") : Object.keys(tags);
  return names.slice(0, MAX_TAGS).filter((tag): tag is string => typeof tag === "string");
}
