// Which job of each definition calls which stages, for what and with which secrets: run by a shell, with a recorder
// in the place of npx. That the stages do what they say is shown by the scenarios.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CiDefinition, definitions, definitionsFolder, withoutPush } from "../lab/ci/definitions.ts";
import type { CiEvent } from "../lab/ci/job.ts";
import { type CiJobEnd, runCi } from "../lab/ci/run.ts";

const RECORDER = `#!/bin/sh
[ "$1 $2 $3" = "--yes boardhand build" ] || { echo "npx $*" >>"$RECORD"; exit 1; }
shift 3
file=\${DOCKERFILE:-\${DOCKERFILE_PATH:-}}
echo "$*|$file|\${DOCKER_PUSH:+push=$DOCKER_PUSH}|\${DOCKER_PASSWORD:+secrets}" >>"$RECORD"
case "$*|$file" in *$FAIL*) exit 1 ;; esac
`;
/** What the jobs say to other programs is recorded too, and done by nobody. */
const OTHERS = `#!/bin/sh
echo "$(basename "$0") $*" >>"$RECORD.others"
`;

const files = ["Dockerfile", "Dockerfile.armhf", "Dockerfile.aarch64"];
const commit = "0123456789abcdef0123456789abcdef01234567";
let tree = "";

beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), "boardhand-definitions-"));
  cpSync(join(definitionsFolder, "dockerhub"), join(tree, "repository"), { recursive: true });
  mkdirSync(join(tree, "bin"));
  for (const [name, text] of [
    ["npx", RECORDER],
    ["apk", OTHERS],
    ["docker", OTHERS],
  ] as const) {
    writeFileSync(join(tree, "bin", name), text, { mode: 0o755 });
  }
});

afterAll(() => rmSync(tree, { recursive: true, force: true }));

interface Ran {
  readonly ends: readonly CiJobEnd[];
  readonly calls: readonly string[];
}

async function ran(
  definition: CiDefinition,
  kind: CiEvent["kind"],
  options: { readonly push?: boolean; readonly fail?: string; readonly branch?: string } = {},
): Promise<Ran> {
  const { push = true, fail = "nothing", branch = "main" } = options;
  const event = { kind, branch, tag: kind === "tag" ? "v1.2.3" : null, commit };
  const settings = {
    secrets: { DOCKER_USERNAME: "somebody", DOCKER_PASSWORD: "hunter2" },
    variables: push ? { DOCKER_PUSH: "yes" } : {},
  };
  const jobs = definition.jobs(event, settings, push ? undefined : withoutPush);
  const record = join(tree, "record");
  writeFileSync(record, "");
  const ends = await runCi(jobs, {
    repository: join(tree, "repository"),
    commit: null,
    programs: [join(tree, "bin")],
    environment: { RECORD: record, FAIL: fail },
  });
  return { ends, calls: readFileSync(record, "utf8").split("\n").slice(0, -1) };
}

/** Stages by image, `all` where none is named, in the order of the calls. */
function stages({ calls }: Ran): Readonly<Record<string, string>> {
  const found: Record<string, string[]> = {};
  for (const call of calls) {
    const [words = "", file = ""] = call.split("|");
    found[file || "all"] = [...(found[file || "all"] ?? []), words];
  }
  return Object.fromEntries(Object.entries(found).map(([file, words]) => [file, words.join("; ")]));
}

const matrix = definitions.filter(({ name }) => name !== "dockerhub");
const hub = definitions.filter(({ name }) => name === "dockerhub");
const drone = ({ name }: CiDefinition) => name === "drone";
const perImage = (words: string) => Object.fromEntries(files.map((file) => [file, words]));
/** With a BuildKit of its own the emulators come before it starts. */
const build = ({ name }: CiDefinition) =>
  name === "travis-buildkit" ? "emulators; image smoke" : "emulators image smoke";

describe.each(matrix)("$name", (definition) => {
  it.each(["push", "tag"] as const)(
    "a %s must test, then build, run and push each image, then list",
    async (kind) => {
      const result = await ran(definition, kind);
      expect(stages(result)).toEqual({ all: "test; manifest", ...perImage(`${build(definition)}; push`) });
      expect(result.calls[0]).toMatch(/^test\|/);
      expect(result.calls.at(-1)).toMatch(/^manifest\|\|push=yes\|secrets$/);
      expect(result.calls.filter((call) => call.startsWith("push|"))).toEqual(
        expect.arrayContaining(files.map((file) => `push|${file}|push=yes|secrets`)),
      );
      expect(result.ends.map(({ state }) => state)).toEqual(["done", "done", "done", "done", "done"]);
    },
  );

  it("a pull request must never push or list, nor see a secret", async () => {
    const result = await ran(definition, "pull-request");
    // Travis asks Boardhand to push, which refuses for pull requests.
    const calls = result.calls.filter(
      (call) => !(definition.name.startsWith("travis") && call.startsWith("push|")),
    );
    expect(calls.filter((call) => /^(?:push|manifest)|secrets/.test(call))).toEqual([]);
    expect(result.calls.filter((call) => call.includes("secrets"))).toEqual([]);
    expect(stages({ ...result, calls })).toEqual({
      all: "test",
      ...(drone(definition) ? {} : perImage(build(definition))),
    });
  });

  it("a failing test must leave everything else undone", async () => {
    const result = await ran(definition, "push", { fail: "test|" });
    expect(stages(result)).toEqual({ all: "test" });
    expect(result.ends.map(({ state }) => state)).toEqual([
      "failed",
      "skipped",
      "skipped",
      "skipped",
      "skipped",
    ]);
  });

  it("a failing image must be neither pushed nor listed", async () => {
    const result = await ran(definition, "push", { fail: "image smoke|Dockerfile.armhf" });
    expect(stages(result)).toMatchObject({ all: "test", "Dockerfile.armhf": build(definition) });
    expect(result.ends.map(({ state }) => state)).toEqual(["done", "done", "failed", "done", "skipped"]);
  });

  it("without DOCKER_PUSH it must still build and run, with nothing that says push", async () => {
    const result = await ran(definition, "push", { push: false });
    expect(result.calls.filter((call) => call.includes("push=yes"))).toEqual([]);
    expect(stages(result)).toMatchObject(perImage(`${build(definition)}; push`));
  });

  it("the job's word must be the one of its Dockerfile", () => {
    const event: CiEvent = { kind: "push", branch: "main", tag: null, commit };
    const jobs = definition.jobs(event, { secrets: {}, variables: {} });
    const words = jobs.flatMap(({ steps }) => steps.map(({ environment }) => environment));
    const pairs = new Set(
      words.map(({ DOCKERFILE = "-", DOCKER_TAG = "-" }) => `${DOCKERFILE} ${DOCKER_TAG}`),
    );
    expect([...pairs].sort()).toEqual([
      "- -",
      "Dockerfile amd64",
      "Dockerfile.aarch64 aarch64",
      "Dockerfile.armhf armhf",
    ]);
  });
});

describe.each(hub)("$name", (definition) => {
  it.each(["push", "tag"] as const)(
    "a %s must test, register, build, run, push and list by rule",
    async (kind) => {
      const result = await ran(definition, kind);
      expect(stages(result)).toEqual({
        ...perImage("test emulators; image smoke; push; manifest"),
      });
      expect(result.calls.every((call) => call.includes("push=yes"))).toBe(true);
    },
  );

  it("a pull request must be built and run at most", async () => {
    expect(stages(await ran(definition, "pull-request"))).toEqual(perImage("test emulators; image smoke"));
  });

  it("a failing test must leave everything else undone", async () => {
    const result = await ran(definition, "push", { fail: "test" });
    expect(stages(result)).toEqual(perImage("test emulators"));
    expect(result.ends.map(({ state }) => state)).toEqual(["failed", "failed", "failed"]);
  });

  it("a failing image must not be pushed, and a list that cannot be made yet is no failure", async () => {
    const result = await ran(definition, "push", { fail: "image smoke|Dockerfile.armhf" });
    expect(stages(result)["Dockerfile.armhf"]).toBe("test emulators; image smoke");
    expect(result.ends.map(({ state }) => state)).toEqual(["done", "failed", "done"]);
    const early = await ran(definition, "push", { fail: "manifest" });
    expect(early.ends.map(({ state }) => state)).toEqual(["done", "done", "done"]);
  });
});

describe.each(definitions.filter(({ name }) => /drone|github|forgejo/.test(name)))("$name", (definition) => {
  it("a push to another branch must do no more than the tests", async () => {
    const { calls } = await ran(definition, "push", { branch: "feature" });
    expect(calls.filter((call) => !call.startsWith("test|"))).toEqual([]);
  });
});

describe("every definition", () => {
  const event: CiEvent = { kind: "push", branch: "main", tag: null, commit: "" };
  const settings = {
    secrets: { DOCKER_USERNAME: "u", DOCKER_PASSWORD: "p" },
    variables: { DOCKER_PUSH: "yes" },
  };

  it.each(matrix)("$name must show the password to no step that only tests", (definition) => {
    const [first] = definition.jobs(event, settings);
    const shown = first?.steps.some(({ environment }) => environment.DOCKER_PASSWORD !== undefined);
    // Travis gives its settings to every job.
    expect(shown).toBe(definition.name.startsWith("travis"));
  });

  it.each(["github", "github-native", "forgejo"])(
    "%s must give the password to pushing steps alone",
    (name) => {
      const jobs = definitions.find((definition) => definition.name === name)?.jobs(event, settings) ?? [];
      const steps = jobs.flatMap((job) => job.steps).filter(({ environment }) => environment.DOCKER_PASSWORD);
      expect([...new Set(steps.map(({ script }) => script))]).toEqual([
        "$BOARDHAND build push",
        "$BOARDHAND build manifest",
      ]);
    },
  );

  it("a key that the test does not know must make it throw", () => {
    for (const definition of matrix) {
      const edit = (text: string) =>
        text.replace(/^( +)(script|commands|run|- run): /m, "$1surprise: x\n$1$2: ");
      const broken = (text: string) =>
        edit(text)
          .replace(/^name: /m, "surprise: x\nname: ")
          .replace(/^os: /m, "surprise: x\nos: ");
      expect(() => definition.jobs(event, settings, broken)).toThrow(/surprise/);
    }
  });
});

describe("the hooks of Docker Hub", () => {
  /** Runs pre_build where there is no npx and docker is this script; nothing else is in PATH but what bash has not. */
  function preBuild(docker: string) {
    const machine = mkdtempSync(join(tree, "hub-"));
    for (const name of ["dirname", "mkdir", "cat", "chmod", "sh"])
      symlinkSync(`/bin/${name}`, join(machine, name));
    writeFileSync(join(machine, "docker"), docker, { mode: 0o755 });
    return spawnSync("/bin/bash", [join(definitionsFolder, "dockerhub/hooks/pre_build")], {
      env: { PATH: machine, TMPDIR: machine },
      encoding: "utf8",
    });
  }
  const copies = [
    "#!/bin/sh",
    'case "$1" in',
    "  create) echo container ;;",
    '  cp) [ "$2" = container:/usr/local ] && mkdir -p "$3/bin"',
    `    printf '%s\\n' '#!/bin/sh' 'echo npx $*' >"$3/bin/npx"; chmod +x "$3/bin/npx" ;;`,
    "esac",
  ];

  it("must take Node out of its image where the builder has none", () => {
    const { status, stdout, stderr } = preBuild(`${copies.join("\n")}\n`);
    expect(stderr).toBe("");
    expect(stdout).toBe("npx --yes boardhand build test emulators\n");
    expect(status).toBe(0);
  });

  it("must fail where that fails, and call nothing", () => {
    const { status, stdout } = preBuild('#!/bin/sh\n[ "$1" = create ] && echo container\n');
    expect(status).not.toBe(0);
    expect(stdout).toBe("");
  });
});
