// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are templates of compose files
// Projects found and loaded from a real directory; one that is broken never affects the others.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createFiles } from "../../../src/adapters/files/index.ts";
import { parseYaml } from "../../../src/adapters/yaml/index.ts";
import type { AgentConfig, DesiredProject, ProjectEntry } from "../../../src/core/model/index.ts";
import {
  createProjectLoader,
  type LoadedProject,
  type ProjectLoader,
} from "../../../src/reconcile/load/index.ts";

let root = "";

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "boardhand-load-"));
});

afterEach(() => rm(root, { recursive: true, force: true }));

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

function loader(projects: AgentConfig["projects"] = root): ProjectLoader {
  return createProjectLoader({ files: createFiles(), parseYaml, projects });
}

function entry(more: Partial<ProjectEntry> = {}): ProjectEntry {
  return {
    name: null,
    directory: join(root, "app"),
    files: [],
    envFiles: [],
    environment: {},
    profiles: [],
    ...more,
  };
}

async function loadAll(from: ProjectLoader): Promise<readonly LoadedProject[]> {
  return Promise.all((await from.list()).map((source) => from.load(source)));
}

async function loadOne(more: Partial<ProjectEntry> = {}): Promise<DesiredProject> {
  const [loaded] = await loadAll(loader([entry(more)]));
  if (loaded?.kind !== "loaded") throw new Error(loaded?.error.message ?? "nothing was loaded");
  return loaded.project;
}

const image = (name: string): string => `services:\n  web:\n    image: ${name}\n`;

describe("discovery", () => {
  test("every sub-directory with a compose file must be a project, in the order of their names", async () => {
    await put("zeta/compose.yml", image("a"));
    await put("Alpha 1/docker-compose.yaml", image("a"));
    await put("named/compose.yaml", `name: beta\n${image("a")}`);
    await put("none/readme.txt", "");
    await put(".hidden/compose.yaml", image("a"));
    await put("compose.yaml", image("a"));
    const sources = await loader().list();
    expect(sources.map((source) => source.name)).toEqual(["alpha1", "beta", "zeta"]);
    expect((await loadAll(loader())).map((loaded) => loaded.kind)).toEqual(["loaded", "loaded", "loaded"]);
  });

  test("the first name in compose's order must count, with its override, and the rest be told", async () => {
    await put("app/docker-compose.yml", image("old"));
    await put("app/compose.yml", image("base"));
    await put("app/docker-compose.override.yml", "services: {web: {user: late}}\n");
    await put("app/compose.override.yaml", "services: {web: {user: first}}\n");
    const [loaded] = await loadAll(loader());
    if (loaded?.kind !== "loaded") throw new Error("it was not loaded");
    expect(loaded.project.files).toEqual([
      join(root, "app/compose.yml"),
      join(root, "app/compose.override.yaml"),
    ]);
    expect(loaded.project.services[0]).toMatchObject({ reference: "base", spec: { user: "first" } });
    expect(loaded.warnings).toEqual([
      `${join(root, "app/docker-compose.yml")}: ignored, because ${join(root, "app/compose.yml")} is there too`,
      `${join(root, "app/docker-compose.override.yml")}: ignored, because ${join(root, "app/compose.override.yaml")} is there too`,
    ]);
  });

  test("a projects directory that cannot be read must be an error, not an empty list", async () => {
    await expect(loader(join(root, "missing")).list()).rejects.toMatchObject({ code: "E_FILE" });
  });
});

describe("environment", () => {
  test(".env must be read, the configured environment win, and the process's own never count", async () => {
    await put("app/compose.yaml", image("$A-$B-$C-${PATH-none}"));
    await put("app/.env", "A=dotenv\nB=dotenv\nC=$B\n");
    const project = await loadOne({ environment: { B: "given" } });
    expect(project.services[0]?.reference).toBe("dotenv-given-given-none");
    expect(project.environmentFiles).toEqual([]);
  });

  test("environment files that are named must replace .env, later ones winning", async () => {
    await put("app/compose.yaml", image("${A:-unset}-$B"));
    await put("app/.env", "A=dotenv\n");
    await put("one.env", "B=1\n");
    await put("two.env", "B=2$B\n");
    const envFiles = [join(root, "one.env"), join(root, "two.env")];
    const project = await loadOne({ envFiles });
    expect(project.services[0]?.reference).toBe("unset-21");
    expect(project.environmentFiles).toEqual(envFiles);
  });

  test("COMPOSE_FILE, COMPOSE_PROFILES and COMPOSE_PROJECT_NAME of .env must be honoured", async () => {
    await put("app/compose.yaml", image("ignored"));
    await put(
      "app/a.yaml",
      "services: {web: {image: a}, dev: {image: d, profiles: [dev]}, x: {image: x, profiles: [x]}}\n",
    );
    await put("app/sub/b.yaml", image("b"));
    await put(
      "app/.env",
      "COMPOSE_FILE=a.yaml:sub/b.yaml\nCOMPOSE_PROFILES=dev, other\nCOMPOSE_PROJECT_NAME=nice\n",
    );
    const project = await loadOne();
    expect(project.name).toBe("nice");
    expect(project.files).toEqual([join(root, "app/a.yaml"), join(root, "app/sub/b.yaml")]);
    expect(project.services.map((service) => service.reference)).toEqual(["d", "b"]);
    expect((await loadOne({ profiles: ["x"] })).services.map((service) => service.name)).toEqual([
      "web",
      "x",
    ]);
  });

  test("env_file must be read relative to the project, and one that may be missing be allowed to", async () => {
    await put(
      "app/compose.yaml",
      "services: {web: {image: a, env_file: [w.env, {path: no.env, required: false}]}}\n",
    );
    await put("app/w.env", "X=1\n");
    expect((await loadOne()).services[0]?.spec.environment).toEqual({ X: "1" });
  });

  test("files that are named must be used as they are, in their order", async () => {
    await put("app/compose.yaml", image("ignored"));
    await put("elsewhere/one.yaml", "services: {web: {image: a, volumes: ['./d:/d']}}\n");
    const project = await loadOne({ name: "mine", files: [join(root, "elsewhere/one.yaml")] });
    expect(project).toMatchObject({
      name: "mine",
      directory: join(root, "app"),
      files: [join(root, "elsewhere/one.yaml")],
    });
    expect(project.services[0]?.spec.volumes?.[0]?.source).toBe(join(root, "app/d"));
  });
});

describe("broken projects", () => {
  test.each([
    ["services:\n  web:\n    image: [\n", /compose\.yaml:\d+:\d+: not valid YAML/],
    ["services:\n  web:\n    imgae: a\n", /compose\.yaml:3:5: services\.web\.imgae: .*unknown/],
    [
      "services:\n  web:\n    image: a\n    network_mode: host\n    networks: [default]\n",
      /compose\.yaml:4:5: services\.web\.network_mode: cannot stand beside networks/,
    ],
    ["services:\n  web:\n    image: a\n    env_file: no.env\n", /no\.env does not exist/],
    ["", /the file is empty/],
    ["services: {}\n", /broken: no services are defined/],
    ["a: \u0000", /null byte/],
    [`a: ${"x".repeat(5_000_000)}`, /larger than 4 MiB/],
  ])("%#: a broken file must be that project's answer, and the others be loaded", async (text, message) => {
    await put("broken/compose.yaml", text);
    await put("good/compose.yaml", image("a"));
    const loaded = await loadAll(loader());
    expect(loaded.map((item) => item.kind)).toEqual(["invalid", "loaded"]);
    expect(loaded[0]).toMatchObject({ name: "broken", error: { message: expect.stringMatching(message) } });
  });

  test("a project whose name can be read must keep it when the rest is wrong", async () => {
    await put("dir/compose.yaml", "name: real\nservices: {web: {oops: 1}}\n");
    expect(await loadAll(loader())).toMatchObject([{ kind: "invalid", name: "real" }]);
  });

  test("a directory or file that is configured and missing must be invalid, not forgotten", async () => {
    await mkdir(join(root, "app"));
    expect(await loadAll(loader([entry()]))).toMatchObject([
      {
        kind: "invalid",
        name: "app",
        error: { message: expect.stringContaining("there is no compose.yaml") },
      },
    ]);
    expect(await loadAll(loader([entry({ files: [join(root, "app/no.yaml")] })]))).toMatchObject([
      { kind: "invalid", error: { code: "E_FILE" } },
    ]);
    expect(await loadAll(loader([entry({ name: "mine", envFiles: [join(root, "no.env")] })]))).toMatchObject([
      { kind: "invalid", name: "mine", error: { code: "E_FILE" } },
    ]);
  });

  test("two directories with one name must both be invalid, each naming the other", async () => {
    await put("one/compose.yaml", `name: same\n${image("a")}`);
    await put("same/compose.yaml", image("a"));
    await put("third/compose.yaml", image("a"));
    const loaded = await loadAll(loader());
    expect(loaded.map((item) => item.kind)).toEqual(["invalid", "invalid", "loaded"]);
    expect(loaded[0]).toMatchObject({
      name: "same",
      error: {
        message: `${join(root, "one")}: the project name "same" is that of ${join(root, "same")} too`,
      },
    });
  });

  test("a name that changes between listing and loading must wait for the next round", async () => {
    await put("app/compose.yaml", image("a"));
    const one = loader();
    const [source] = await one.list();
    await put("app/compose.yaml", `name: other\n${image("a")}`);
    if (source === undefined) throw new Error("nothing was listed");
    expect(await one.load(source)).toMatchObject({
      kind: "invalid",
      name: "app",
      error: { retry: "backoff" },
    });
  });
});
