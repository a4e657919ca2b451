// One's own scripts: {"image": "host/name:tag"}, or {"name": "host/name", "tag": "tag"}. A digest there is not believed.
import { readReference } from "../../core/image/index.ts";
import { firstOf, textAt } from "./fields.ts";
import type { Provider, Push } from "./provider.ts";

export const generic: Provider = {
  name: "generic",
  proofs: [
    { kind: "header", header: "authorization" },
    { kind: "signature", header: "x-hub-signature-256" },
  ],
  neverRefuse: false,
  read(payload) {
    const [name, tag] = [textAt(payload, "name"), textAt(payload, "tag")];
    const image = firstOf(textAt(payload, "image"), name === "" || tag === "" ? "" : `${name}:${tag}`);
    return image === "" ? [] : readImage(image, textAt(payload, "id"));
  },
};

function readImage(image: string, id: string): readonly Push[] {
  const reference = readReference(image);
  if (reference === null || reference.tag === null) return [];
  const { registry, repository, tag } = reference;
  return [{ registry, repository, tag, id }];
}
