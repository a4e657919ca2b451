// Where the files are that the program reads from its own installation, said once. This file must stay directly below
// src/: from here, from dist/ and from the one bundled file in dist/ alike, `..` is the installation.

/** With the version. */
export const PACKAGE_FILE = new URL("../package.json", import.meta.url);

/** The compose specification's JSON schema. */
export const COMPOSE_SCHEMA_FILE = new URL("../config/compose-spec.json", import.meta.url);

/** CI definitions, for `boardhand build init`. */
export const CI_DEFINITIONS = new URL("../deploy/pipeline", import.meta.url);
