// docker compose 2.40 of Debian sid, or 2.26 of trixie, downloaded once and kept beside the other packages. As a program
// it prints where.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { debianArchitecture, unpackForeign } from "../../deploy/dev/lib/debian.mjs";
import { packageCache } from "../../deploy/dev/lib/paths.mjs";

/**
 * @param {string} suite  `sid` or `trixie`
 * @returns {string} the docker-compose binary; `BOARDHAND_TEST_COMPOSE` names another one for sid's
 */
export function composeBinary(suite = "sid") {
  const given = process.env.BOARDHAND_TEST_COMPOSE;
  if (given && suite === "sid") return given;
  const directory = join(packageCache, `compose-${suite}`);
  const architecture = debianArchitecture();
  unpackForeign({ suite, architecture, packages: ["docker-compose"], directory });
  return join(directory, "usr/libexec/docker/cli-plugins/docker-compose");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(composeBinary(process.argv[2]));
