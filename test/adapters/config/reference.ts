// Renders docs/reference/config.md and pipeline.md from the files in config/: a commented file is the contract, the page only
// its other form.
import { variableFor } from "../../../src/adapters/config/environment.ts";
import { leaves } from "../../../src/adapters/config/leaves.ts";

interface Block {
  readonly key: string;
  readonly comment: readonly string[];
  readonly body: readonly string[];
}

/** The comment and the lines of each top-level key, and the comment before all of them. */
export function blocks(text: string): { readonly head: readonly string[]; readonly keys: readonly Block[] } {
  const paragraphs = text
    .trimEnd()
    .split(/\n\n/)
    .map((paragraph) => paragraph.split("\n"));
  const head = (paragraphs[0] ?? []).filter((line) => !line.includes("$schema"));
  const keys = paragraphs.slice(1).map((lines) => {
    const first = lines.findIndex((line) => !line.startsWith("#"));
    const body = lines.slice(first);
    return { key: body[0]?.split(":")[0] ?? "", comment: lines.slice(0, first), body };
  });
  return { head, keys };
}

export function renderReference(text: string): string {
  const { head, keys } = blocks(text);
  const sections = keys.map((block) => {
    const variables = leaves()
      .filter((leaf) => leaf.path[0] === block.key)
      .map((leaf) => `\`${variableFor(leaf.path)}\``);
    return `${section(block)}\nEnvironment: ${variables.join(", ")}\n`;
  });
  return [
    "<!-- Made from config/boardhand.yml by `UPDATE=1 npx vitest run --project unit test/adapters/config`. -->",
    "# Configuration\n",
    `${prose(head)}\n`,
    "A file that is wrong is refused with exit code 2 and one line for each problem: `file:line:column: key: what is wrong; expected what`.\n",
    sections.join("\n"),
  ].join("\n");
}

/** docs/reference/pipeline.md of this repository's own pipeline.yml, which has every key. */
export function renderPipelineReference(text: string): string {
  const { head, keys } = blocks(text);
  return [
    "<!-- Made from config/pipeline.yml by `UPDATE=1 npx vitest run --project unit test/adapters/config`. -->",
    "# pipeline.yml\n",
    `${prose(head)}\n`,
    "`boardhand build` reads `config/pipeline.yml`, or `pipeline.yml` in the repository's root, or the file that `--file` names. What the stages do with it: [the pipeline](../concepts/pipeline.md). Below, each key as this repository has it.\n",
    "A file that is wrong is refused with exit code 2 and one line for each problem: `file:line:column: key: what is wrong; expected what`. For editors there is a JSON Schema, `config/pipeline.schema.json`.\n",
    keys.map(section).join("\n"),
  ].join("\n");
}

function section({ key, comment, body }: Block): string {
  return `## \`${key}\`\n\n${prose(comment)}\n\n\`\`\`yaml\n${body.join("\n")}\n\`\`\`\n`;
}

/** Comment lines as Markdown: indented examples become code. */
function prose(lines: readonly string[]): string {
  const bare = lines.map((line) => line.replace(/^# ?/, ""));
  const example = bare.filter((line) => line.startsWith("  "));
  const text = bare
    .filter((line) => !line.startsWith("  "))
    .join("\n")
    .trim();
  return example.length === 0
    ? text
    : `${text}\n\n\`\`\`yaml\n${example.map((line) => line.slice(2)).join("\n")}\n\`\`\``;
}
