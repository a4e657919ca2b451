// Who may import whom (docs of the layers: ARCHITECTURE.md). Types count: tangles start with them.
// Run through test/architecture/run-cruiser.mjs, which fails when no file was looked at.

/** The one npm package of each adapter; an adapter that is not here has none. */
const packagesOfAdapters = {
  engine: ["dockerode"],
  config: ["zod"],
  yaml: ["js-yaml"],
  host: ["systeminformation"],
  log: ["pino", "pino-pretty"],
  schema: ["ajv"],
};

/** Every package has one home; `main.ts`, `agent.ts`, `project-loader.ts` and `cli/` hand things round and need none of them. */
const homes = {
  dockerode: "^src/adapters/engine/",
  zod: "^src/adapters/config/",
  ajv: "^src/adapters/schema/",
  "js-yaml": "^src/adapters/yaml/",
  systeminformation: "^src/adapters/host/",
  pino: "^src/adapters/log/",
  "pino-pretty": "^src/adapters/log/",
  "cli-progress": "^src/cli/",
  "node-cron": "^src/triggers/schedule\\.ts$",
  express: "^src/http/",
};

const packagePath = (names) => `(^|/)node_modules/(@types/)?(${names.join("|")})/`;

module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      comment:
        "Two files that need each other are one file or lack a third; types-only cycles are how tangles start.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "core-is-pure",
      comment:
        "What core decides must follow from its arguments alone, or neither the properties nor a plan shown to a person could be trusted. Hashing is the one thing it takes from Node.",
      severity: "error",
      from: { path: "^src/core/" },
      to: { pathNot: ["^src/core/", "^(node:)?crypto$"] },
    },
    {
      name: "model-imports-no-sibling",
      comment: "The words come first: everything may use them, so they may use nothing.",
      severity: "error",
      from: { path: "^src/core/model/" },
      to: { pathNot: ["^src/core/model/"] },
    },
    {
      name: "ports-are-words-only",
      comment: "An interface that mentions more than the model ties its users to what is behind it.",
      severity: "error",
      from: { path: "^src/ports/" },
      to: { pathNot: ["^src/(ports|core/model)/"] },
    },
    {
      name: "reconcile-speaks-through-ports",
      comment:
        "The loop is tested with a model engine and run with a real one; it must not know which it has.",
      severity: "error",
      from: { path: "^src/(reconcile|self-update)/([^/]+)" },
      to: { pathNot: ["^src/$1/", "^src/(core|ports)/", "^(node:)?(timers/promises|crypto)$"] },
    },
    {
      name: "pipeline-speaks-through-ports",
      comment:
        "A stage that called docker or a registry itself could not be shown a fault; what it says to them is text that a test can read.",
      severity: "error",
      from: { path: "^src/pipeline/" },
      to: {
        pathNot: [
          "^src/pipeline/",
          "^src/core/(model|image)/",
          "^src/ports/",
          "^(node:)?(path|timers/promises|crypto)$",
        ],
      },
    },
    {
      name: "triggers-only-say-look-again",
      comment:
        "A trigger names a project and a cause, and a webhook a repository and a tag; neither needs more than the words, the grammar of references and the queue.",
      severity: "error",
      from: { path: "^src/triggers/" },
      to: {
        pathNot: [
          "^src/(triggers|core/(model|image)|ports)/",
          "^src/reconcile/queue\\.ts$",
          "^(node:)?crypto$",
          packagePath(["node-cron"]),
        ],
      },
    },
    {
      name: "triggers-see-the-queue-as-a-type",
      comment: "The queue is handed in; a trigger that imported its code could make a second one.",
      severity: "error",
      from: { path: "^src/triggers/" },
      to: { path: "^src/reconcile/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "adapters-do-not-know-each-other",
      comment: "Each one can be replaced alone; what two of them share belongs to core or to a port.",
      severity: "error",
      from: { path: "^src/adapters/([^/]+)/" },
      to: { path: "^src/adapters/", pathNot: "^src/adapters/$1/" },
    },
    {
      name: "adapters-translate-and-do-not-decide",
      comment:
        "An adapter that reached for plans or policies would decide where nobody looks for a decision.",
      severity: "error",
      from: { path: "^src/adapters/" },
      to: { path: "^src/", pathNot: "^src/(adapters|ports|core/(model|image))/" },
    },
    {
      name: "http-shows-and-asks",
      comment:
        "Pages and routes show conditions and hand requests on; what happens then is given to them by agent.ts.",
      severity: "error",
      from: { path: "^src/http/" },
      to: { path: "^src/", pathNot: "^src/(http|ports|core/(model|status))/" },
    },
    {
      name: "only-the-wiring-wires",
      comment:
        "agent.ts, project-loader.ts, main.ts and cli/ put the parts together; a part that imported them would be everything.",
      severity: "error",
      from: { pathNot: ["^src/(agent|main|project-loader)\\.ts$", "^src/cli/"] },
      to: { path: ["^src/(agent|main|project-loader)\\.ts$", "^src/cli/"] },
    },
    {
      name: "no-tests-in-the-product",
      comment: "What is shipped must not need what is not.",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(test|deploy)/" },
    },
    {
      name: "only-declared-packages",
      comment: "A package that is not a dependency is missing on the board, where only those are installed.",
      severity: "error",
      from: { path: "^src/" },
      to: {
        dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"],
        pathNot: packagePath(Object.keys(homes)),
      },
    },
    {
      name: "everything-resolves",
      comment: "A file that cannot be found escapes every other rule.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    ...Object.entries(homes).map(([name, home]) => ({
      name: `${name}-has-one-home`,
      comment: `Only one place knows ${name}, so that replacing it or working round its bugs is one place's work.`,
      severity: "error",
      from: { path: "^src/", pathNot: home },
      to: { path: packagePath([name]) },
    })),
    {
      name: "an-adapter-has-one-package",
      comment: "An adapter is the translation of one package; a second one means a second adapter.",
      severity: "error",
      from: {
        path: "^src/adapters/",
        pathNot: `^src/adapters/(${Object.keys(packagesOfAdapters).join("|")})/`,
      },
      to: { path: "(^|/)node_modules/", pathNot: "/node_modules/@types/node/" },
    },
    ...Object.entries(packagesOfAdapters).map(([folder, names]) => ({
      name: `adapter-${folder}-has-its-own-package`,
      comment: `adapters/${folder} translates ${names.join(" and ")} and no other package.`,
      severity: "error",
      from: { path: `^src/adapters/${folder}/` },
      to: { path: "(^|/)node_modules/", pathNot: packagePath(names) },
    })),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["types", "import", "node", "default"],
    },
  },
};
