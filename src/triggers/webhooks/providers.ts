// Every sender of webhooks that is understood; a new one is a file beside these, a line here and a fixture.
import { distribution } from "./distribution.ts";
import { dockerhub } from "./dockerhub.ts";
import { generic } from "./generic.ts";
import { gitea } from "./gitea.ts";
import { github } from "./github.ts";
import { gitlab } from "./gitlab.ts";
import { harbor } from "./harbor.ts";
import type { Provider } from "./provider.ts";
import { quay } from "./quay.ts";

export const PROVIDERS: readonly Provider[] = [
  distribution,
  dockerhub,
  generic,
  gitea,
  github,
  gitlab,
  harbor,
  quay,
];
