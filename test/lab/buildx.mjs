// docker buildx of Debian sid, downloaded once and kept beside the other packages. As a program it prints where.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { debianArchitecture, unpackForeign } from "../../deploy/dev/lib/debian.mjs";
import { packageCache } from "../../deploy/dev/lib/paths.mjs";

/** @returns {string} the plugin; `BOARDHAND_TEST_BUILDX` names another one */
export function buildxBinary() {
  const given = process.env.BOARDHAND_TEST_BUILDX;
  if (given) return given;
  const directory = join(packageCache, "buildx-sid");
  const architecture = debianArchitecture();
  unpackForeign({ suite: "sid", architecture, packages: ["docker-buildx"], directory });
  return join(directory, "usr/libexec/docker/cli-plugins/docker-buildx");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(buildxBinary());
