// The names of labels on containers, networks and volumes: docker compose's and our own.

export const COMPOSE = {
  project: "com.docker.compose.project",
  service: "com.docker.compose.service",
  oneoff: "com.docker.compose.oneoff",
  containerNumber: "com.docker.compose.container-number",
  configHash: "com.docker.compose.config-hash",
  /** On what docker compose made in the place of another; it stays for ever. */
  replace: "com.docker.compose.replace",
  image: "com.docker.compose.image",
  dependsOn: "com.docker.compose.depends_on",
  workingDir: "com.docker.compose.project.working_dir",
  configFiles: "com.docker.compose.project.config_files",
  environmentFile: "com.docker.compose.project.environment_file",
  version: "com.docker.compose.version",
  network: "com.docker.compose.network",
  volume: "com.docker.compose.volume",
} as const;

export const BOARDHAND = {
  /** Boardhand's own versioned hash of the service's definition. */
  definitionHash: "io.boardhand.definition-hash",
  /** The manifest digest for this board, chosen from the registry. */
  platformDigest: "io.boardhand.platform-digest",
  /** What the tag pointed at when it was chosen. */
  indexDigest: "io.boardhand.index-digest",
  /** The restart policy it has when it is not retired. */
  restartPolicy: "io.boardhand.restart-policy",
  /** The revision that made it. */
  revision: "io.boardhand.revision",
} as const;

/** On the agent's own containers: `role` comes with the image, the others record a hand-over (`HandOver`). */
export const AGENT = {
  role: "io.boardhand.role",
  old: "io.boardhand.hand-over.old",
  /** On the updater alone: a container cannot name its own id when it is made. */
  successor: "io.boardhand.hand-over.successor",
  name: "io.boardhand.hand-over.name",
  restartPolicy: "io.boardhand.hand-over.restart-policy",
  digest: "io.boardhand.hand-over.digest",
} as const;
