// Finds, reads and checks Boardhand's own configuration. Every problem is listed with its place; nothing starts on a bad one.
import { dirname, resolve } from "node:path";
import { type AgentConfig, BoardhandError, type ParseYaml, type YamlNode } from "../../core/model/index.ts";
import { toAgentConfig } from "./convert.ts";
import { onlyDocument, placedIn, readBounded } from "./document.ts";
import { applyOverrides, type Override, readOverrides } from "./environment.ts";
import { keysAt } from "./leaves.ts";
import { problemsOf, shown } from "./problems.ts";
import { DEFAULT_CONFIG_FILE, type FileForm, fileSchema, jsonSchema } from "./schema.ts";
import { formatPath, type Path, type Problem, plainValue } from "./tree.ts";

export interface LoadConfigInput {
  /** The value of `--config`; null when it was not given. */
  readonly argument: string | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly parseYaml: ParseYaml;
  readonly isValidCron: (expression: string) => boolean;
  readonly cwd: string;
  /** Read when nothing names a file, and only if it is there. */
  readonly defaultFile?: string;
}

/**
 * The configuration from `--config`, BOARDHAND_CONFIG, the default file or the defaults, in this order, with
 * BOARDHAND_ variables on top. `file` is null when none was read. Throws E_CONFIG whose message has one line a problem:
 * `file:line:column: key.path: what is wrong; what would be right` (design.md section 5).
 */
export async function loadConfig(
  input: LoadConfigInput,
): Promise<{ readonly config: AgentConfig; readonly file: string | null }> {
  const { file, text } = await readConfigText(input);
  const root = text === null || file === null ? null : onlyDocument(input.parseYaml(text, file), file);
  const { overrides, complaints } = readOverrides(input.environment);
  const problems: Problem[] = [];
  const written = root === null ? {} : (plainValue(root, [], { problems, isText: isEnvironmentValue }) ?? {});
  const values = applyOverrides(written, overrides);
  const parsed = fileSchema.safeParse(values);
  if (parsed.success) problems.push(...meaningProblems(parsed.data, input.isValidCron));
  else {
    problems.push(...problemsOf(parsed.error.issues, values, keysAt(jsonSchema())));
    const { schedule } = values as Readonly<Record<string, unknown>>;
    if (typeof schedule === "string") problems.push(...cronProblems(schedule, input.isValidCron));
  }
  if (!parsed.success || problems.length > 0 || complaints.length > 0) {
    throw refusal(
      [...complaints, ...problems.map((problem) => placed(problem, file, root, overrides))],
      file,
    );
  }
  const fromEnvironment = new Set(overrides.map((override) => override.path.join(".")));
  const baseOf = (path: readonly string[]): string =>
    file === null || fromEnvironment.has(path.join(".")) ? input.cwd : dirname(file);
  return { config: toAgentConfig(parsed.data, baseOf), file };
}

/** Environment values of a project are text. */
function isEnvironmentValue(path: Path): boolean {
  return path.length === 4 && path[0] === "projects" && path[2] === "environment";
}

async function readConfigText(
  input: LoadConfigInput,
): Promise<{ readonly file: string | null; readonly text: string | null }> {
  const fromEnvironment = input.environment.BOARDHAND_CONFIG;
  const named = input.argument ?? (fromEnvironment === "" ? undefined : fromEnvironment);
  const file = resolve(input.cwd, named ?? input.defaultFile ?? DEFAULT_CONFIG_FILE);
  try {
    return { file, text: await readBounded(file) };
  } catch (error) {
    if (error instanceof BoardhandError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (named === undefined && (code === "ENOENT" || code === "ENOTDIR")) return { file: null, text: null };
    const from =
      input.argument !== null ? "--config" : named !== undefined ? "BOARDHAND_CONFIG" : "the default path";
    const what =
      code === "ENOENT" || code === "ENOTDIR" ? "there is no such file" : `it cannot be read (${code})`;
    throw new BoardhandError("E_CONFIG", `${file}: ${what}; it was named by ${from}`, {
      hint: "Give the path of an existing, readable configuration file, or leave it out to run with the defaults.",
      cause: error,
      data: { file },
    });
  }
}

function cronProblems(schedule: string, isValidCron: (expression: string) => boolean): readonly Problem[] {
  if (isValidCron(schedule)) return [];
  const text = `${shown(schedule)}, which is no cron expression; expected 5 fields, or 6 with seconds, such as */5 * * * *`;
  return [{ path: ["schedule"], atKey: false, text }];
}

/** What types cannot say: the schedule, transport security without a network, projects named twice. */
function meaningProblems(form: FileForm, isValidCron: (expression: string) => boolean): readonly Problem[] {
  const problems: Problem[] = [...cronProblems(form.schedule, isValidCron)];
  if (form.docker.tls !== null && !form.docker.host.startsWith("tcp://")) {
    const text = "is given for a unix socket; expected a tcp:// host, or no tls";
    problems.push({ path: ["docker", "tls"], atKey: true, text });
  }
  const names = new Map<string, number>();
  for (const [index, entry] of (typeof form.projects === "string" ? [] : form.projects).entries()) {
    if (entry.name === null) continue;
    const earlier = names.get(entry.name);
    const text = `is ${JSON.stringify(entry.name)} as in projects[${earlier}]; expected each name once`;
    if (earlier !== undefined) problems.push({ path: ["projects", index, "name"], atKey: false, text });
    names.set(entry.name, index);
  }
  return problems;
}

function placed(
  problem: Problem,
  file: string | null,
  root: YamlNode | null,
  overrides: readonly Override[],
): string {
  const key = problem.path.length === 0 ? "" : `${formatPath(problem.path)}: `;
  const override = overrides.find((candidate) => isPrefix(candidate.path, problem.path));
  if (override !== undefined) return `${override.variable}: ${key}${problem.text}`;
  return placedIn(problem, file, root);
}

function isPrefix(prefix: Path, path: Path): boolean {
  return prefix.every((part, index) => path[index] === part);
}

function refusal(lines: readonly string[], file: string | null): BoardhandError {
  return new BoardhandError("E_CONFIG", lines.join("\n"), {
    hint: "Correct these lines and run `boardhand config` to check; docs/reference/config.md has every key.",
    data: { file, problems: lines.length },
  });
}
