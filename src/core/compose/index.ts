// Compose documents → DesiredProject. Pure: texts and trees in, a project or a BoardhandError E_COMPOSE out.
export { type CompiledProject, compileProject } from "./compile.ts";
export { parseDotenv } from "./environment/dotenv.ts";
export { printedHash } from "./hash/index.ts";
export { nameOf, type ProjectInput, prepareProject } from "./prepare.ts";
export { composeModel, doubleDollars, type PrintedSections, printJson, yamlModel } from "./print/index.ts";
export type { Reading } from "./reading.ts";
export { normaliseName } from "./stages/name.ts";
export { cleanPath } from "./values/path.ts";
