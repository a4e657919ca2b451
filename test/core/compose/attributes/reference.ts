// Renders docs/reference/compose.md from the attribute table, so that the page cannot say anything else than the code does.
import { ATTRIBUTES, type Attribute, type Support } from "../../../../src/core/compose/attributes/index.ts";

const SUPPORT: Readonly<Record<Support, string>> = {
  sent: "sent",
  used: "used",
  ignored: "no effect",
  refused: "**refused**",
};

/** Heading, and the mapping whose attributes stand under it; what is deeper belongs to it too. */
const SECTIONS: readonly (readonly [title: string, mapping: string])[] = [
  ["Top level", ""],
  ["Services", "services.*."],
  ["healthcheck", "services.*.healthcheck."],
  ["ports", "services.*.ports[]."],
  ["networks of a service", "services.*.networks.*."],
  ["volumes of a service", "services.*.volumes[]."],
  ["deploy", "services.*.deploy."],
  ["secrets of a service", "services.*.secrets[]."],
  ["configs of a service", "services.*.configs[]."],
  ["post_start", "services.*.post_start[]."],
  ["pre_stop", "services.*.pre_stop[]."],
  ["Networks", "networks.*."],
  ["Volumes", "volumes.*."],
  ["secrets", "secrets.*."],
  ["configs", "configs.*."],
];

const HEAD = `<!-- Made from src/core/compose/attributes by \`UPDATE=1 npx vitest run --project unit test/core/compose/attributes\`. -->
# What a compose file may say

Boardhand reads compose files as docker compose 2.40 does, and what it makes of them is what docker compose makes. This
page lists every attribute:

- **sent**: it becomes the named field of the Engine API. With an API version, engines that are older hold the service.
  The scenarios hold every one but \`cpu_rt_period\`, \`cpu_rt_runtime\` and \`storage_opt\`, which need a kernel or a disk of
  their own, against what docker compose 2.40.3 sends: on Docker 20.10 (API 1.41) and on Debian sid's (28.5, API 1.51).
- **used**: Boardhand acts on it itself.
- **no effect**: accepted and without effect on a container, as with docker compose.
- **refused**: the services that use it are held as \`ComposeInvalid\` (see [holds](holds.md)) before anything of them is
  touched; the other services go on, and a container that runs already is left alone.

A key that is not here and does not begin with \`x-\` is an error, with file, line and column. A service without
\`image\` needs \`build\`, and is held: Boardhand deploys images that a registry offers and builds none. Networks and
volumes that no service uses are not made.
`;

export function renderReference(): string {
  const sections = SECTIONS.map(([title, prefix]) => {
    const rows = rowsOf(prefix).map((row) => `| ${cells(row, prefix).join(" | ")} |`);
    return `## ${title}\n\n| attribute | | what becomes of it | API |\n|---|---|---|---|\n${rows.join("\n")}\n`;
  });
  return [HEAD, ...sections].join("\n");
}

/** Rows whose longest matching section is this one. */
function rowsOf(prefix: string): readonly Attribute[] {
  const longer = SECTIONS.map(([, other]) => other).filter(
    (other) => other.length > prefix.length && other.startsWith(prefix),
  );
  return ATTRIBUTES.filter(
    ({ path }) => path.startsWith(prefix) && !longer.some((other) => path.startsWith(other)),
  );
}

function cells({ path, support, what, since, when, hint }: Attribute, prefix: string): readonly string[] {
  const values = when.length === 0 ? "" : `: ${when.map((value) => `\`${value}\``).join(", ")}`;
  const because = hint === null ? what : `${what}; ${hint}`;
  return [
    `\`${path.slice(prefix.length)}\`${values}`,
    SUPPORT[support],
    because,
    since === null ? "" : `1.${since}`,
  ];
}
