// Renders docs/reference/cli.md from the help table.
import {
  COMMAND_NAMES,
  COMMANDS,
  COMMON_OPTIONS,
  type OptionHelp,
  optionRows,
  usageLine,
} from "../../src/cli/help.ts";

export function renderReference(): string {
  const sections = COMMAND_NAMES.map((name) => {
    const command = COMMANDS[name];
    const options = command.options.length === 0 ? "" : `\n${optionTable(command.options)}`;
    return `## \`boardhand ${name}\`\n\n    ${usageLine(command)}\n\n${capital(command.summary)}. ${command.details}\n${options}`;
  });
  return [
    "<!-- Made from src/cli/help.ts by `UPDATE=1 npx vitest run --project unit test/cli`. -->",
    "# Command line\n",
    "Exit codes: 0 done, 1 failed or rolled back, 2 wrong usage or configuration. Results go to standard output, logs, progress and errors to standard error. `NO_COLOR` switches colours off.\n",
    `Options of every command:\n\n${optionTable(COMMON_OPTIONS)}`,
    sections.join("\n"),
  ].join("\n");
}

function optionTable(options: readonly OptionHelp[]): string {
  const rows = optionRows(options).map(([left, right]) => `| \`${left}\` | ${right} |`);
  return `| Option | Does |\n| --- | --- |\n${rows.join("\n")}\n`;
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
