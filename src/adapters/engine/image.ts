// Images as the engine lists and inspects them. The engine's stand-ins for "no name" are left out.
import { type Json, number, object, text, texts } from "../../core/model/engine-json.ts";
import type { ImageSummary, ObservedImage } from "../../core/model/index.ts";

/** One line of `GET /images/json`, or the same fields of an inspected image. */
export function toSummary(image: Json): ImageSummary {
  return {
    id: text(image.Id),
    // Containerd's store lists what was pulled by digest among the tags as well.
    repoTags: named(image.RepoTags, "<none>:<none>").filter((name) => !name.includes("@")),
    repoDigests: named(image.RepoDigests, "<none>@<none>"),
    size: number(image.Size),
  };
}

/** `GET /images/REF/json`. API 1.52 omits empty fields. */
export function toImage(image: Json): ObservedImage {
  return {
    ...toSummary(image),
    os: text(image.Os),
    architecture: text(image.Architecture),
    variant: text(image.Variant) || null,
    volumes: Object.keys(object(object(image.Config).Volumes)).sort(),
  };
}

function named(value: unknown, placeholder: string): readonly string[] {
  return [...texts(value)].filter((one) => one !== placeholder).sort();
}
