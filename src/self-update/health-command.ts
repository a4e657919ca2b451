// How an agent is asked whether it is well: as the engine does it, so that who has changed the one has changed the other.

const ASK = ["boardhand", "status", "--health"];

/** The command to be run in a container, from `GET /containers/ID/json`. */
export function healthCommand(container: Readonly<Record<string, unknown>>): readonly string[] {
  const config = container.Config;
  const [kind = "NONE", ...words] = texts(field(field(config, "Healthcheck"), "Test"));
  if (kind === "CMD-SHELL" && words.length > 0) return ["/bin/sh", "-c", words.join(" ")];
  const own = words.join(" ") === ASK.join(" ");
  if (kind === "CMD" && words.length > 0 && !own) return words;
  // The image's own, or none: the question needs the configuration that the agent was started with.
  return [...ASK, ...configOption(texts(field(config, "Cmd")))];
}

/** `--config FILE` or `--config=FILE` among the words of a command. */
function configOption(command: readonly string[]): readonly string[] {
  const at = command.findIndex((word) => word === "--config" || word.startsWith("--config="));
  const word = command[at];
  if (word === undefined) return [];
  const file = command[at + 1];
  return word === "--config" && file !== undefined ? [word, file] : word === "--config" ? [] : [word];
}

function field(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}
