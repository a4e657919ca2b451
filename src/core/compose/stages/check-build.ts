// Contradictions in how an image would be built and watched (compose.md 1.10): nothing is built here, but a file that
// docker compose refuses is refused with its place.
import type { ServiceSpec } from "../../model/index.ts";
import { composeError, type Origin } from "../errors.ts";
import type { FileSections } from "./service-files.ts";

const SERVICE = "service:";

interface Checked {
  readonly spec: ServiceSpec;
  at(key: string): Origin;
}

/** Throws E_COMPOSE for the first contradiction. */
export function checkBuild(
  service: Checked,
  services: ReadonlyMap<string, Checked>,
  secrets: FileSections["secrets"],
): void {
  const { build, platform } = service.spec;
  if (build === undefined) return;
  const at = service.at("build");
  if (build.dockerfile !== undefined && build.dockerfile_inline !== undefined) {
    throw composeError(at, "has dockerfile and dockerfile_inline", "remove one of them");
  }
  for (const [name, context] of Object.entries(build.additional_contexts ?? {})) {
    if (!context.startsWith(SERVICE)) continue;
    const other = services.get(context.slice(SERVICE.length));
    if (other?.spec.build === undefined) {
      const why = other === undefined ? "does not exist" : "has no build";
      throw composeError(
        at,
        `the additional context "${name}" is a service that ${why}`,
        "name one with build",
      );
    }
  }
  const { platforms = [] } = build;
  if (platform !== undefined && platforms.length > 0 && !platforms.includes(platform)) {
    throw composeError(at, `platforms lacks the service's platform ${platform}`, "add it to build.platforms");
  }
  const missing = build.secrets?.find((secret) => !secrets.has(secret.source));
  if (missing !== undefined) {
    throw composeError(
      at,
      `the secret "${missing.source}" is not defined`,
      "add it to the top-level secrets",
    );
  }
}

/** A watched path that is copied somewhere needs to say where. */
export function checkWatch(service: Checked): void {
  for (const { target, action } of service.spec.develop?.watch ?? []) {
    if (target === undefined && action !== "rebuild" && action !== "restart") {
      throw composeError(
        service.at("develop"),
        `watching with ${action} needs a target`,
        "name a path in the container",
      );
    }
  }
}
