// Harbor: its own form, of before 2.0 too, and CloudEvents. An artifact that was pushed without a tag has its digest there.
import { at, firstOf, listAt, splitImage, textAt } from "./fields.ts";
import { headerOf, type Provider } from "./provider.ts";

const PUSHES: ReadonlySet<string> = new Set(["PUSH_ARTIFACT", "pushImage", "harbor.artifact.pushed"]);

export const harbor: Provider = {
  name: "harbor",
  proofs: [{ kind: "header", header: "authorization" }],
  neverRefuse: false,
  read(payload, headers) {
    if (!PUSHES.has(textAt(payload, "type"))) return [];
    const data = at(payload, "event_data") ?? at(payload, "data");
    const about = at(data, "repository");
    const parts = [textAt(about, "namespace"), textAt(about, "name")].filter((part) => part !== "");
    const repository = firstOf(textAt(about, "repo_full_name"), parts.join("/"));
    const id = firstOf(textAt(payload, "id"), headerOf(headers, "x-harbor-event-id"));
    return listAt(data, "resources").flatMap((resource) => {
      const tag = textAt(resource, "tag");
      const { host } = splitImage(textAt(resource, "resource_url"));
      return tag === "" || repository === "" ? [] : [{ registry: host, repository, tag, id }];
    });
  },
};
