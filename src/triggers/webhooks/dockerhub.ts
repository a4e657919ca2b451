// Docker Hub: signs nothing, names no digest, and sends several deliveries for one push of several platforms.
import { at, firstOf, textAt } from "./fields.ts";
import type { Provider } from "./provider.ts";

export const dockerhub: Provider = {
  name: "dockerhub",
  proofs: [],
  neverRefuse: false,
  read(payload) {
    const repository = at(payload, "repository");
    const parts = [textAt(repository, "namespace"), textAt(repository, "name")].filter((part) => part !== "");
    const name = firstOf(textAt(repository, "repo_name"), parts.join("/"));
    const tag = textAt(payload, "push_data", "tag");
    return name === "" || tag === "" ? [] : [{ registry: "docker.io", repository: name, tag, id: "" }];
  },
};
