// Reads and checks pipeline.yml. Every problem is listed with its place; nothing is built from a bad one.
import { resolve } from "node:path";
import {
  BoardhandError,
  type ParseYaml,
  PIPELINE_FILES,
  type PipelineConfig,
  type YamlNode,
} from "../../../core/model/index.ts";
import { onlyDocument, placedIn, readBounded } from "../document.ts";
import { keysAt } from "../leaves.ts";
import { problemsOf } from "../problems.ts";
import { type Path, type Problem, plainValue } from "../tree.ts";
import { meaningProblems, toPipeline } from "./convert.ts";
import { pipelineJsonSchema, pipelineSchema } from "./schema.ts";

export interface LoadPipelineInput {
  /** The value of `--file`; null looks for PIPELINE_FILES. */
  readonly file: string | null;
  /** The repository's root: paths count from it. */
  readonly root: string;
  readonly parseYaml: ParseYaml;
}

/**
 * Throws E_CONFIG whose message has one line a problem: `file:line:column: key.path: what is wrong; what would be right`.
 */
export async function loadPipeline({ file, root, parseYaml }: LoadPipelineInput): Promise<PipelineConfig> {
  const { path, text } = await findText(file, root);
  const document = onlyDocument(parseYaml(text, path), path);
  const problems: Problem[] = [];
  const written = document === null ? {} : (plainValue(document, [], { problems, isText }) ?? {});
  const parsed = pipelineSchema.safeParse(written);
  if (parsed.success) problems.push(...meaningProblems(parsed.data));
  else problems.push(...problemsOf(parsed.error.issues, written, keysAt(pipelineJsonSchema())));
  if (!parsed.success || problems.length > 0) throw refusal(problems, path, document);
  return toPipeline(parsed.data, path, root);
}

/** Build arguments and labels are text. */
function isText(path: Path): boolean {
  return ["build_args", "labels"].includes(String(path.at(-2)));
}

async function findText(file: string | null, root: string): Promise<{ path: string; text: string }> {
  const candidates = file === null ? PIPELINE_FILES : [file];
  for (const candidate of candidates) {
    const path = resolve(root, candidate);
    try {
      return { path, text: await readBounded(path) };
    } catch (error) {
      if (error instanceof BoardhandError) throw error;
      const code = (error as NodeJS.ErrnoException).code ?? "";
      if (code !== "ENOENT" && code !== "ENOTDIR") {
        throw new BoardhandError("E_CONFIG", `${path}: it cannot be read (${code})`, { cause: error });
      }
    }
  }
  throw new BoardhandError("E_CONFIG", `there is no ${candidates.join(" and no ")} in ${root}`, {
    hint: "Run it in the repository's root, name the file with --file, or make one: `boardhand build init`.",
    data: { root },
  });
}

function refusal(problems: readonly Problem[], file: string, document: YamlNode | null): BoardhandError {
  const lines = problems.map((problem) => placedIn(problem, file, document));
  return new BoardhandError("E_CONFIG", lines.join("\n"), {
    hint: "Correct these lines; docs/reference/pipeline.md has every key.",
    data: { file, problems: lines.length },
  });
}
