// GitLab's registry: notifications of its registry as a whole, with headers of the administrator's choice. A project has no
// webhook for its images.
import { readNotifications } from "./distribution.ts";
import type { Provider } from "./provider.ts";

export const gitlab: Provider = {
  name: "gitlab",
  proofs: [{ kind: "header", header: "authorization" }],
  neverRefuse: true,
  read: readNotifications,
};
