// A registry's own notifications (distribution, and Azure's, which sends an event without the envelope). Each look of ours
// makes it tell of a pull, and the manifests of single platforms come without a tag: only pushes of a tag count.
import { at, listAt, textAt } from "./fields.ts";
import type { Provider, Push } from "./provider.ts";

export const distribution: Provider = {
  name: "distribution",
  proofs: [{ kind: "header", header: "authorization" }],
  neverRefuse: true,
  read: readNotifications,
};

/** The pushes of tags in an envelope of events, or in one event. */
export function readNotifications(payload: unknown): readonly Push[] {
  const events = at(payload, "events") === undefined ? [payload] : listAt(payload, "events");
  return events.flatMap((event) => {
    const repository = textAt(event, "target", "repository");
    const tag = textAt(event, "target", "tag");
    if (textAt(event, "action") !== "push" || repository === "" || tag === "") return [];
    const host = textAt(event, "request", "host");
    return [{ registry: host === "" ? null : host, repository, tag, id: textAt(event, "id") }];
  });
}
