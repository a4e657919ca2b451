// Gitea and Forgejo: the event `package`. They send GitHub's headers as well, so their own are read first.
import { at, firstOf, hostOfUrl, textAt } from "./fields.ts";
import { headerOf, type Provider } from "./provider.ts";

const FAMILIES = ["forgejo", "gitea", "github"];

export const gitea: Provider = {
  name: "gitea",
  proofs: [
    { kind: "signature", header: "x-forgejo-signature" },
    { kind: "signature", header: "x-gitea-signature" },
    { kind: "signature", header: "x-hub-signature-256" },
  ],
  neverRefuse: false,
  read(payload, headers) {
    const sent = (what: string): string =>
      firstOf(...FAMILIES.map((family) => headerOf(headers, `x-${family}-${what}`)));
    const told = at(payload, "package");
    const isPush = sent("event") === "package" && textAt(payload, "action") === "created";
    if (!isPush || textAt(told, "type") !== "container") return [];
    const owner = textAt(told, "owner", "login").toLowerCase();
    const name = textAt(told, "name").toLowerCase();
    const tag = textAt(told, "version");
    if (owner === "" || name === "" || tag === "") return [];
    const page = firstOf(textAt(told, "html_url"), textAt(payload, "repository", "html_url"));
    return [{ registry: hostOfUrl(page), repository: `${owner}/${name}`, tag, id: sent("delivery") }];
  },
};
