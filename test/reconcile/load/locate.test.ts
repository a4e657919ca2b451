// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are templates of compose files
// Where files, directory and variables are found: by the agent in a project's directory, and for a person at a shell.
import { describe, expect, test } from "vitest";
import { BoardhandError, type ProjectEntry } from "../../../src/core/model/index.ts";
import type { Files } from "../../../src/ports/index.ts";
import { type Located, locate, type Shell } from "../../../src/reconcile/load/locate.ts";

/** A disk with these texts and nothing else; a text of null is a directory. */
function disk(texts: Readonly<Record<string, string | null>>): Files {
  const directories = (path: string): readonly string[] =>
    Object.entries(texts).flatMap(([name, text]) =>
      text === null && name.startsWith(`${path}/`) ? [name.slice(path.length + 1)] : [],
    );
  return {
    readText: async (path) => {
      const text = texts[path];
      if (typeof text === "string") return text;
      throw new BoardhandError("E_FILE", `${path} cannot be read`);
    },
    exists: async (path) => path in texts,
    directories: async (path) => directories(path),
  };
}

interface Asked extends Partial<ProjectEntry> {
  readonly shell?: Shell;
}

async function found(
  texts: Readonly<Record<string, string | null>>,
  { shell, ...more }: Asked = {},
): Promise<Located & { readonly values: Readonly<Record<string, string>> }> {
  const entry: ProjectEntry = {
    name: null,
    directory: "/srv/app",
    files: [],
    envFiles: [],
    environment: {},
    profiles: [],
    ...more,
  };
  const located = await locate(entry, disk(texts), shell ?? null);
  return { ...located, values: Object.fromEntries(located.environment) };
}

const COMPOSE = "services: {}";

describe("the agent", () => {
  test("must look only in the project's directory, and give PWD a value that no file changes", async () => {
    const { paths, directory, values } = await found({
      "/srv/app/compose.yml": COMPOSE,
      "/srv/app/.env": "PWD=never\nA=$PWD",
    });
    expect({ paths, directory, values }).toEqual({
      paths: ["/srv/app/compose.yml"],
      directory: "/srv/app",
      values: { PWD: "/srv/app", A: "/srv/app" },
    });
    await expect(found({ "/srv/compose.yml": COMPOSE })).rejects.toMatchObject({
      code: "E_COMPOSE",
      message: expect.stringContaining("/srv/app: there is no compose.yaml"),
    });
  });

  test("must take a .env that is a directory for none", async () => {
    const { values } = await found({ "/srv/app/compose.yml": COMPOSE, "/srv/app/.env": null });
    expect(values).toEqual({ PWD: "/srv/app" });
  });

  test("must take the directory of the first file that .env names, and its .env under the first", async () => {
    const { directory, paths, values } = await found({
      "/srv/app/.env": "COMPOSE_FILE=sub/a.yaml;b.yaml\nCOMPOSE_PATH_SEPARATOR=;\nP=top",
      "/srv/app/sub/.env": "P=sub\nQ=${P}q",
    });
    expect(directory).toBe("/srv/app/sub");
    expect(paths).toEqual(["/srv/app/sub/a.yaml", "/srv/app/b.yaml"]);
    expect(values).toMatchObject({ P: "top", Q: "topq" });
  });

  test("must keep the directory where the files are configured", async () => {
    const { directory, paths } = await found(
      { "/srv/app/.env": "COMPOSE_FILE=never.yaml" },
      { files: ["/etc/a.yaml", "sub/b.yaml"] },
    );
    expect({ directory, paths }).toEqual({
      directory: "/srv/app",
      paths: ["/etc/a.yaml", "/srv/app/sub/b.yaml"],
    });
  });

  test("must read the files of COMPOSE_ENV_FILES instead of .env, and tell them", async () => {
    const texts = {
      "/srv/app/compose.yaml": COMPOSE,
      "/srv/app/.env": "A=never\nCOMPOSE_ENV_FILES=never",
      "/srv/app/one.env": "A=1\nB=1",
      "/etc/two.env": "B=2$A",
    };
    const { environmentFiles, values } = await found(texts, {
      environment: { COMPOSE_ENV_FILES: "one.env,/etc/two.env" },
    });
    expect(environmentFiles).toEqual(["/srv/app/one.env", "/etc/two.env"]);
    expect(values).toMatchObject({ A: "1", B: "21" });
  });

  test.each(["1", "true", "T"])("must read no .env with COMPOSE_DISABLE_ENV_FILE=%s", async (word) => {
    const texts = { "/srv/app/compose.yaml": COMPOSE, "/srv/app/.env": "A=never" };
    const { values } = await found(texts, { environment: { COMPOSE_DISABLE_ENV_FILE: word } });
    expect(values).not.toHaveProperty("A");
  });

  test("must refuse a COMPOSE_DISABLE_ENV_FILE that is no boolean, and more files than anyone has", async () => {
    const texts = { "/srv/app/compose.yaml": COMPOSE };
    await expect(
      found(texts, { environment: { COMPOSE_DISABLE_ENV_FILE: "perhaps" } }),
    ).rejects.toMatchObject({ code: "E_COMPOSE", hint: "say true or false" });
    await expect(found(texts, { environment: { COMPOSE_FILE: "a:".repeat(65) } })).rejects.toMatchObject({
      message: "/srv/app: more than 64 compose files are named",
    });
  });
});

describe("a person at a shell", () => {
  const shell = { cwd: "/srv/app/sub/deep", directoryNamed: false };

  test("must find the files of a parent, whose directory and .env then count", async () => {
    const texts = {
      "/srv/app/compose.yaml": COMPOSE,
      "/srv/app/compose.override.yaml": COMPOSE,
      "/srv/app/.env": "A=$PWD",
    };
    const { directory, paths, values } = await found(texts, { directory: shell.cwd, shell });
    expect(directory).toBe("/srv/app");
    expect(paths).toEqual(["/srv/app/compose.yaml", "/srv/app/compose.override.yaml"]);
    expect(values).toEqual({ PWD: "/srv/app/sub/deep", A: "/srv/app/sub/deep" });
    expect((await found({ "/compose.yaml": COMPOSE }, { directory: shell.cwd, shell })).directory).toBe("/");
    await expect(found({}, { directory: shell.cwd, shell })).rejects.toMatchObject({ code: "E_COMPOSE" });
  });

  test("must name files from where they stand, in a project directory that stays as named", async () => {
    const { directory, paths, values } = await found(
      { "/srv/other/.env": "COMPOSE_FILE=a.yaml\nP=other", "/srv/app/sub/deep/.env": "P=never" },
      { directory: "/srv/other", shell: { ...shell, directoryNamed: true } },
    );
    expect(directory).toBe("/srv/other");
    expect(paths).toEqual(["/srv/app/sub/deep/a.yaml"]);
    expect(values).toMatchObject({ P: "other" });
  });
});
