// The one table of commands and their options; the parser, the help texts and docs/reference/cli.md are made from it.
import { CI_NAMES } from "../pipeline/init/definitions.ts";

export interface OptionHelp {
  readonly name: string;
  readonly short?: string;
  /** What the value is called; absent for a flag. */
  readonly value?: string;
  readonly multiple?: boolean;
  readonly text: string;
}

export interface CommandHelp {
  readonly name: CommandName;
  /** As in the usage line. */
  readonly operands: string;
  readonly minOperands: number;
  readonly maxOperands: number;
  readonly summary: string;
  /** What a person should know before running it. */
  readonly details: string;
  readonly options: readonly OptionHelp[];
}

export const COMMAND_NAMES = [
  "run",
  "config",
  "check",
  "plan",
  "apply",
  "status",
  "rollback",
  "suspend",
  "resume",
  "doctor",
  "build",
  "updater",
] as const;

export type CommandName = (typeof COMMAND_NAMES)[number];

/** Options that every command takes. */
export const COMMON_OPTIONS: readonly OptionHelp[] = [
  {
    name: "config",
    value: "FILE",
    text: "Boardhand's configuration file (default: /etc/boardhand/boardhand.yml)",
  },
  { name: "json", text: "print results and errors as JSON" },
  { name: "help", short: "h", text: "print this" },
];

const MANY = 1000;
const projects = { operands: "[PROJECT…]", minOperands: 0, maxOperands: MANY, options: [] };
const none = { operands: "", minOperands: 0, maxOperands: 0, options: [] };
const oneProject = { operands: "PROJECT", minOperands: 1, maxOperands: 1, options: [] };

export const COMMANDS: Readonly<Record<CommandName, CommandHelp>> = {
  run: {
    name: "run",
    ...none,
    summary: "the daemon: keeps the projects up to date and serves the page",
    details:
      "Runs until SIGTERM or SIGINT; a rollout whose container is stopped is finished or undone first.",
  },
  config: {
    name: "config",
    ...none,
    summary: "the resolved compose model; without any option, checks Boardhand's own configuration",
    details:
      "Prints in the form of `docker compose config`, so that the two can be compared. Like docker compose, and unlike the agent, it takes variables from the environment it is started in.",
    options: [
      {
        name: "file",
        short: "f",
        value: "FILE",
        multiple: true,
        text: "a compose file; more of them are merged in order (default: as docker compose finds them)",
      },
      { name: "project-name", short: "p", value: "NAME", text: "the project's name" },
      {
        name: "project-directory",
        value: "DIR",
        text: "where relative paths count from (default: the first file's directory)",
      },
      {
        name: "env-file",
        value: "FILE",
        multiple: true,
        text: "variables for interpolation, instead of those in .env",
      },
      { name: "profile", value: "NAME", multiple: true, text: "a profile that is switched on; '*' is all" },
      {
        name: "hash",
        value: "SERVICE",
        text: "print the configuration hash of a service (or several, with commas between), or of all: '*'",
      },
    ],
  },
  check: {
    name: "check",
    ...projects,
    summary: "one look at the registries: what runs, what is offered, what would be done",
    details: "Changes nothing. Works without a running agent.",
  },
  plan: {
    name: "plan",
    ...projects,
    summary: "the steps that would be run, and what is held and why",
    details: "Changes nothing. Works without a running agent.",
  },
  apply: {
    name: "apply",
    ...projects,
    summary: "converges now, with progress",
    details: "Exits with 1 when anything failed or was rolled back. Works without a running agent.",
  },
  status: {
    name: "status",
    ...none,
    options: [
      {
        name: "health",
        text: "only whether it is well, and if not why; exits with 1 when it is not (for HEALTHCHECK)",
      },
    ],
    summary: "what the running agent knows",
    details: "Asks the agent's HTTP API at the address in `http.listen`.",
  },
  rollback: {
    name: "rollback",
    operands: "PROJECT [SERVICE…]",
    minOperands: 1,
    maxOperands: MANY,
    options: [],
    summary: "back to the last good revision, by digest",
    details: "The revision that is left is quarantined: it is not tried again until its tag moves.",
  },
  suspend: {
    name: "suspend",
    ...oneProject,
    summary: "stops automatic changes of a project",
    details: "Its containers go on running; `boardhand resume` ends it.",
  },
  resume: {
    name: "resume",
    ...oneProject,
    summary: "starts automatic changes of a project again",
    details: "Also releases what was stopped or removed by hand.",
  },
  doctor: {
    name: "doctor",
    ...none,
    options: [
      {
        name: "new-token",
        value: "FILE",
        text: "write a new token for webhooks.token_file or http.token_file, and nothing else; - prints it",
      },
    ],
    summary: "looks at engine, platform, clock, disk, state directory, registries, webhooks and tokens",
    details:
      "Says what is wrong and what to do. Exits with 1 when something is. A new token has 256 random bits; the file is readable by its owner only, and one that is there is never overwritten.",
  },
  build: {
    name: "build",
    operands: "[STAGE…]",
    minOperands: 0,
    maxOperands: MANY,
    summary: "the multi-arch pipeline: images for every processor, and one manifest list",
    details: [
      "Stages, in this order: emulators, test, image, smoke, push, manifest; without any, all of them. Run it in the repository's root.",
      "Pushes only with DOCKER_PUSH=yes, only from the main branch or a git tag, and only what has been built and has run. DOCKER_USERNAME and DOCKER_PASSWORD log in, else docker's config.json is used.",
      "`boardhand build init --image user/app --ci github` writes Dockerfiles, pipeline.yml and CI definitions; it overwrites nothing.",
    ].join("\n"),
    options: [
      {
        name: "file",
        short: "f",
        value: "FILE",
        text: "what to build (default: config/pipeline.yml or pipeline.yml)",
      },
      {
        name: "arch",
        value: "ARCH",
        multiple: true,
        text: "only this row of the matrix; a job of a CI may set DOCKERFILE and DOCKER_TAG instead",
      },
      { name: "plan", text: "print what would be done, and do nothing" },
      { name: "image", value: "REPOSITORY", text: "init: where the images go, such as user/app" },
      { name: "main", value: "BRANCH", text: "init: the branch that latest is made from (default: main)" },
      {
        name: "ci",
        value: "NAME",
        multiple: true,
        text: `init: a definition to write: ${CI_NAMES.join(", ")}`,
      },
    ],
  },
  updater: {
    name: "updater",
    ...none,
    summary: "not for people: agents start it in a container of its own to hand over to a new image",
    details:
      "Reads from the labels of its container which agent goes and which one comes, and ends when one of them runs that may stay.",
  },
};

const EXIT_CODES = "Exit codes: 0 done, 1 failed or rolled back, 2 wrong usage or configuration.";

export function usageLine(command: CommandHelp): string {
  const options = command.options.map((option) => {
    const short = option.short === undefined ? `--${option.name}` : `-${option.short}`;
    const text = option.value === undefined ? `[${short}]` : `[${short} ${option.value}]`;
    return option.multiple === true ? `${text}…` : text;
  });
  return ["boardhand", command.name, ...options, command.operands].filter((part) => part !== "").join(" ");
}

/** The help of one command, or of all with null. Ends with a line end. */
export function helpText(name: CommandName | null): string {
  if (name === null) {
    const rows = COMMAND_NAMES.map(
      (command): Row => [`${command} ${COMMANDS[command].operands}`.trim(), COMMANDS[command].summary],
    );
    return [
      "Usage: boardhand COMMAND [OPTION…]",
      "Keeps compose-defined containers up to date, and puts the old one back when the new one fails.",
      `Commands:\n${columns(rows)}`,
      `Options of every command:\n${columns(optionRows(COMMON_OPTIONS))}\n${columns([["--version", "print the version"]])}`,
      `${EXIT_CODES}\n\`boardhand COMMAND --help\` says more.\n`,
    ].join("\n\n");
  }
  const command = COMMANDS[name];
  const rows = optionRows([...command.options, ...COMMON_OPTIONS]);
  return `Usage: ${usageLine(command)}\n\n${sentence(command.summary)}\n${command.details}\n\nOptions:\n${columns(rows)}\n\n${EXIT_CODES}\n`;
}

type Row = readonly [string, string];

export function optionRows(options: readonly OptionHelp[]): readonly Row[] {
  return options.map((option) => {
    const short = option.short === undefined ? "" : `-${option.short}, `;
    return [`${short}--${option.name}${option.value === undefined ? "" : ` ${option.value}`}`, option.text];
  });
}

function columns(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(([left]) => left.length), 24);
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n");
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
