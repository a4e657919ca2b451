// From argv to one command with its options. Refuses unknown commands, unknown options and wrong numbers of operands.
import { parseArgs } from "node:util";
import { BoardhandError } from "../core/model/index.ts";
import { CI_NAMES, type CiName } from "../pipeline/init/definitions.ts";
import { STAGES, type StageName } from "../pipeline/model.ts";
import {
  COMMAND_NAMES,
  COMMANDS,
  COMMON_OPTIONS,
  type CommandName,
  type OptionHelp,
  usageLine,
} from "./help.ts";

interface Common {
  /** The value of `--config`. */
  readonly configFile: string | null;
  readonly json: boolean;
}

export type ParsedCommand =
  | { readonly kind: "help"; readonly command: CommandName | null }
  | { readonly kind: "version" }
  | RealCommand;

/** One that needs a configuration. */
export type RealCommand =
  | (Common & { readonly kind: "run" | "updater" })
  /** `health`: only whether the agent is well. */
  | (Common & { readonly kind: "status"; readonly health: boolean })
  /** A file for a new token, or `-`; null looks at the board. */
  | (Common & { readonly kind: "doctor"; readonly newToken: string | null })
  | (Common & {
      readonly kind: "config";
      readonly files: readonly string[];
      readonly projectName: string | null;
      readonly projectDirectory: string | null;
      readonly envFiles: readonly string[];
      readonly profiles: readonly string[];
      /** Services' names with commas between, or `*`. */
      readonly hash: string | null;
    })
  /** No projects means all of them. */
  | (Common & { readonly kind: "check" | "plan" | "apply"; readonly projects: readonly string[] })
  /** No services means all that moved together. */
  | (Common & { readonly kind: "rollback"; readonly project: string; readonly services: readonly string[] })
  | (Common & { readonly kind: "suspend" | "resume"; readonly project: string })
  | (Common & {
      readonly kind: "build";
      readonly file: string | null;
      /** No stages means all of them. */
      readonly stages: readonly StageName[];
      readonly archs: readonly string[];
      readonly planOnly: boolean;
    })
  | (Common & {
      readonly kind: "buildInit";
      readonly image: string;
      readonly main: string;
      readonly ci: readonly CiName[];
    });

type Values = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

/** `argv` without node and the script. Throws E_USAGE with the usage line as hint. */
export function parseCommand(argv: readonly string[]): ParsedCommand {
  const found = findCommand(argv);
  if (found.kind === "none") {
    if (argv.includes("--help") || argv.includes("-h")) return { kind: "help", command: null };
    if (argv.includes("--version")) return { kind: "version" };
    throw usage(
      argv.length === 0 ? "a command is missing" : `there is no command in: ${argv.join(" ")}`,
      null,
    );
  }
  if (found.word === "help") return { kind: "help", command: commandNamed(found.rest[0] ?? null) };
  const name = commandNamed(found.word);
  if (name === null) throw usage("a command is missing", null);
  const { values, positionals } = strictly(name, found.rest);
  if (values.help === true) return { kind: "help", command: name };
  const command = COMMANDS[name];
  if (positionals.length < command.minOperands) throw usage(`${name}: ${command.operands} is missing`, name);
  if (positionals.length > command.maxOperands) {
    throw usage(`${name}: nobody asked for ${positionals.slice(command.maxOperands).join(" ")}`, name);
  }
  return assemble(name, values, positionals);
}

/** 2 for wrong usage or configuration, else 1. */
export function exitCodeFor(error: unknown): 1 | 2 {
  return error instanceof BoardhandError && (error.code === "E_USAGE" || error.code === "E_CONFIG") ? 2 : 1;
}

function findCommand(
  argv: readonly string[],
):
  | { readonly kind: "none" }
  | { readonly kind: "found"; readonly word: string; readonly rest: readonly string[] } {
  const { tokens } = parseArgs({
    args: [...argv],
    options: optionTable(COMMON_OPTIONS),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const first = tokens.find((token) => token.kind === "positional");
  if (first?.kind !== "positional") return { kind: "none" };
  return { kind: "found", word: first.value, rest: argv.filter((_, index) => index !== first.index) };
}

function commandNamed(word: string | null): CommandName | null {
  if (word === null) return null;
  const name = COMMAND_NAMES.find((candidate) => candidate === word);
  if (name === undefined)
    throw usage(`${JSON.stringify(word)} is no command; there are ${COMMAND_NAMES.join(", ")}`, null);
  return name;
}

function strictly(
  name: CommandName,
  rest: readonly string[],
): { readonly values: Values; readonly positionals: readonly string[] } {
  try {
    return parseArgs({
      args: [...rest],
      options: optionTable([...COMMON_OPTIONS, ...COMMANDS[name].options]),
      strict: true,
      allowPositionals: true,
    });
  } catch (error) {
    const message =
      error instanceof Error ? (error.message.split(". To specify")[0] ?? error.message) : String(error);
    throw usage(`${name}: ${message}`, name);
  }
}

function optionTable(options: readonly OptionHelp[]) {
  return Object.fromEntries(
    options.map((option) => [
      option.name,
      {
        type: option.value === undefined ? ("boolean" as const) : ("string" as const),
        multiple: option.multiple ?? false,
        ...(option.short === undefined ? {} : { short: option.short }),
      },
    ]),
  );
}

function assemble(name: CommandName, values: Values, operands: readonly string[]): ParsedCommand {
  const common: Common = { configFile: text(values.config), json: values.json === true };
  const [project = "", ...services] = operands;
  switch (name) {
    case "run":
    case "updater":
      return { kind: name, ...common };
    case "status":
      return { kind: name, ...common, health: values.health === true };
    case "doctor":
      return { kind: name, ...common, newToken: text(values["new-token"]) };
    case "config":
      return {
        kind: name,
        ...common,
        files: texts(values.file),
        projectName: text(values["project-name"]),
        projectDirectory: text(values["project-directory"]),
        envFiles: texts(values["env-file"]),
        profiles: texts(values.profile),
        hash: text(values.hash),
      };
    case "check":
    case "plan":
    case "apply":
      return { kind: name, ...common, projects: operands };
    case "rollback":
      return { kind: name, ...common, project, services };
    case "suspend":
    case "resume":
      return { kind: name, ...common, project };
    case "build":
      return project === "init" ? buildInit(common, values, services) : build(common, values, operands);
  }
}

const INIT_OPTIONS: readonly string[] = ["image", "main", "ci"];
const RUN_OPTIONS: readonly string[] = ["file", "arch", "plan"];

function build(common: Common, values: Values, operands: readonly string[]): ParsedCommand {
  refuseOptions(values, INIT_OPTIONS, "belongs to `boardhand build init`");
  const stages = operands.map((word) => {
    const stage = STAGES.find((candidate) => candidate === word);
    if (stage !== undefined) return stage;
    throw usage(`${JSON.stringify(word)} is no stage; there are ${STAGES.join(", ")}, and init`, "build");
  });
  const file = text(values.file);
  return {
    kind: "build",
    ...common,
    file,
    stages,
    archs: texts(values.arch),
    planOnly: values.plan === true,
  };
}

function buildInit(common: Common, values: Values, more: readonly string[]): ParsedCommand {
  if (more.length > 0) throw usage(`build init: nobody asked for ${more.join(" ")}`, "build");
  refuseOptions(values, RUN_OPTIONS, "has no meaning for `boardhand build init`");
  const image = text(values.image);
  if (image === null) throw usage("build init: --image is missing, such as --image user/app", "build");
  const ci = texts(values.ci).map((word) => {
    const name = CI_NAMES.find((candidate) => candidate === word);
    if (name !== undefined) return name;
    throw usage(
      `build init: there is no definition for ${JSON.stringify(word)}; there are ${CI_NAMES.join(", ")}`,
      "build",
    );
  });
  return { kind: "buildInit", ...common, image, main: text(values.main) ?? "main", ci };
}

function refuseOptions(values: Values, names: readonly string[], why: string): void {
  const given = names.find((name) => values[name] !== undefined);
  if (given !== undefined) throw usage(`build: --${given} ${why}`, "build");
}

function text(value: Values[string]): string | null {
  return typeof value === "string" ? value : null;
}

function texts(value: Values[string]): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function usage(message: string, name: CommandName | null): BoardhandError {
  const line = name === null ? "boardhand COMMAND [OPTION…]" : usageLine(COMMANDS[name]);
  const help = name === null ? "boardhand --help" : `boardhand ${name} --help`;
  return new BoardhandError("E_USAGE", message, { hint: `Usage: ${line}; \`${help}\` says more.` });
}
