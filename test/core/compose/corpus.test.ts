// Real compose files, where a collection of them is at hand: `CORPUS=<directory with expected.json>`.
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseYaml } from "../../../src/adapters/yaml/index.ts";
import { compileProject, prepareProject } from "../../../src/core/compose/index.ts";
import { BoardhandError, type DesiredProject } from "../../../src/core/model/index.ts";
import { finish } from "./helper.ts";

interface Case {
  readonly path: string;
  readonly files: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly hashes: Readonly<Record<string, string>>;
  readonly labelDiffers?: readonly string[];
}

const corpus = process.env.CORPUS ?? "";

/** Loads a case as if it lay where the expected hashes were made. */
function load({ path, files, env }: Case): DesiredProject {
  const directory = `/srv/corpus/${path}`;
  const read = (name: string): string => readFileSync(`${corpus}/${path}/${name}`, "utf8");
  const work = prepareProject({
    parse: parseYaml,
    files: files.map((name) => ({
      path: `${directory}/${name}`,
      documents: parseYaml(read(name), `${directory}/${name}`),
    })),
    directory,
    name: "corpus",
    environment: new Map(Object.entries(env)),
    profiles: ["*"],
    environmentFiles: [],
  });
  const prepared = finish(work);
  // The collections leave their environment files out; docker compose was given empty ones.
  return compileProject(prepared, new Map(prepared.envFiles.map((file) => [file.path, ""]))).project;
}

test.skipIf(!existsSync(`${corpus}/expected.json`))(
  "94 % of real files must load, every other one be refused with its place, and all hashes equal docker compose's",
  () => {
    const { cases } = JSON.parse(readFileSync(`${corpus}/expected.json`, "utf8")) as {
      cases: readonly Case[];
    };
    const refused: string[] = [];
    const different: string[] = [];
    for (const item of cases) {
      try {
        const project = load(item);
        expect(project.services.map((service) => service.name)).toEqual(Object.keys(item.hashes).sort());
        for (const { name, composeHashes } of project.services) {
          const comparable = !item.labelDiffers?.includes(name);
          if (comparable && composeHashes[0] !== item.hashes[name]) different.push(`${item.path}: ${name}`);
        }
      } catch (error) {
        if (!(error instanceof BoardhandError)) throw error;
        refused.push(error.message);
      }
    }
    expect(different).toEqual([]);
    for (const message of refused)
      expect(message).toMatch(/^\/srv\/corpus\/[^:]+:\d+:\d+: .*(not supported yet|but no image)/);
    expect(cases.length).toBeGreaterThan(100);
    expect(refused.length / cases.length).toBeLessThan(0.06);
  },
);
