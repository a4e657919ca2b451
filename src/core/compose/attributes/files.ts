// The attributes of uses of secrets and configs, and of hooks (compose.md 2.2).
import { type Attribute, under, used } from "./rows.ts";

const OF_A_COPY = "of a copied file; docker compose ignores it for a mounted one";

const use = (place: string): readonly Attribute[] => [
  used("source", "the key at the top level"),
  used("target", `path in the container; ${place}`),
  used("uid", `owner ${OF_A_COPY}`),
  used("gid", `group ${OF_A_COPY}`),
  used("mode", `permissions ${OF_A_COPY}`),
];

const HOOK: readonly Attribute[] = [
  used("command", "Cmd of the exec; a text is split like a shell does"),
  used("environment", "Env of the exec, over the container's"),
  used("privileged", "Privileged of the exec"),
  used("user", "User of the exec"),
  used("working_dir", "WorkingDir of the exec"),
];

export const FILES: readonly Attribute[] = [
  ...under("services.*.secrets[]", use("a relative one, or none, is below `/run/secrets`")),
  ...under("services.*.configs[]", use("a relative one, or none, is below the root")),
  ...under("services.*.post_start[]", HOOK),
  ...under("services.*.pre_stop[]", HOOK),
];
