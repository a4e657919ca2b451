// The file form of pipeline.yml: every key, its type and its default. Unknown keys are refused.
// Each message is what would have been right; problems.ts puts what was found before it.
import * as z from "zod";
import { isDurationOf } from "../units.ts";

const TEXT_MAX = 4096;
const ROWS_MAX = 20;
const SECTION = "keys with values, indented below it; or leave the whole key out";
const COMMANDS = "a list of shell commands, or one";
const WORD = "a word for a tag: letters, digits, ., _ and -, beginning with a letter or digit";
const WORD_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
const VARIABLE = "the name of a variable: letters, digits and _";
const VARIABLE_PATTERN = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
const TIMEOUT = "a duration such as 30m, at least 1s";

function text(what: string, max = TEXT_MAX) {
  return z.string({ error: what }).min(1, { error: what }).max(max, { error: what });
}

function choice<const T extends readonly [string, ...string[]]>(values: T) {
  return z.enum(values, { error: `one of ${values.join(", ")}` });
}

const word = z.string({ error: WORD }).regex(WORD_PATTERN, { error: WORD });
const variable = z.string({ error: VARIABLE }).regex(VARIABLE_PATTERN, { error: VARIABLE });
const command = text("a shell command", 65_536);
const commands = z
  .union([command, z.array(command, { error: COMMANDS }).max(100, { error: "at most 100 commands" })], {
    error: COMMANDS,
  })
  .default([]);

const TEMPLATE = 'a tag with {arch} in it such as "{version}-{arch}"';
const template = text(TEMPLATE, 128);
const templates = z.strictObject(
  { version: template.optional(), latest: template.optional() },
  { error: SECTION },
);

const values = z.record(text("a name", 256), z.string({ error: "a text" }).max(TEXT_MAX), {
  error: "names with values",
});

const SMOKE = "null, or a command as a list of words such as [app, --version]";
const smoke = z
  .array(text(SMOKE), { error: SMOKE })
  .min(1, { error: SMOKE })
  .max(100, { error: SMOKE })
  .nullable();

const secret = z.strictObject(
  { id: word, env: variable },
  { error: "a mapping with `id` and `env`, the variable that holds it" },
);

const row = z.strictObject(
  {
    arch: word,
    platform: text("a platform such as linux/arm/v7", 64),
    dockerfile: text("the path of a Dockerfile").default("Dockerfile"),
    tag: word.optional(),
    tags: templates.prefault({}),
    push: z.boolean({ error: "true or false" }).default(true),
    build_args: values.default({}),
    secrets: z.array(secret, { error: "a list of {id, env}" }).max(50).default([]),
    target: word.nullable().default(null),
    smoke: smoke.optional(),
  },
  { error: "a mapping with at least `arch` and `platform`" },
);

/** pipeline.yml, checked; after parsing every key is there. */
export const pipelineSchema = z.strictObject(
  {
    image: text("a repository without a tag such as user/app", 255),
    context: text("the path of a directory").default("."),
    main: text("the name of a branch", 255).default("main"),
    builder: choice(["auto", "buildx", "classic", "buildctl"]).default("auto"),
    parallel: z
      .int({ error: "a whole number from 1 to 16" })
      .min(1, { error: "a whole number from 1 to 16" })
      .max(16, { error: "a whole number from 1 to 16" })
      .nullable()
      .default(null),
    emulators: text("auto, host, none, or an image such as tonistiigi/binfmt", 255).default("auto"),
    prepare: commands,
    test: commands,
    smoke: smoke.default(null),
    timeout: z
      .string({ error: TIMEOUT })
      .refine((value) => isDurationOf(value, 1_000), { error: TIMEOUT })
      .default("1h"),
    list: choice(["docker", "oci", "none"]).default("docker"),
    tags: templates.prefault({}),
    labels: values.default({}),
    build_args: values.default({}),
    matrix: z
      .array(row, { error: "a list of rows" })
      .min(1, { error: "at least one row" })
      .max(ROWS_MAX, { error: `at most ${ROWS_MAX} rows` }),
  },
  { error: "keys with values" },
);

export type PipelineForm = z.output<typeof pipelineSchema>;

/** The JSON Schema of the file form, for editors and for the names of known keys. */
export function pipelineJsonSchema(): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(pipelineSchema, { io: "input", target: "draft-2020-12" });
}
