// Compose documents → DesiredProject. Pure: texts and trees in, a project or a BoardhandError E_COMPOSE out.
export { parseDotenv } from "./environment/dotenv.ts";
export { printedHash } from "./hash/index.ts";
export { composeModel, doubleDollars, type PrintedSections, printJson, yamlModel } from "./print/index.ts";
export {
  type CompiledProject,
  compileProject,
  nameOf,
  type ProjectInput,
  prepareProject,
} from "./project.ts";
export type { Reading } from "./reading.ts";
export { normaliseName } from "./stages/name.ts";
export { cleanPath } from "./values/path.ts";
