// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are templates of compose files
// Included projects: their directory, their environment under the including one's, and the names that clash.
import { describe, expect, test } from "vitest";
import type { DesiredProject } from "../../../src/core/model/index.ts";
import { compile, compileFiles, refusal } from "./helper.ts";

type Files = Readonly<Record<string, string>>;

/** `text` with further files, their paths relative to /srv/app. */
function load(text: string, files: Files, env: Files = {}): DesiredProject {
  return compile(text, { envFiles: absolute(files), env }).project;
}

function absolute(files: Files): Files {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [`/srv/app/${path}`, text]));
}

function specs(project: DesiredProject): Readonly<Record<string, unknown>> {
  return Object.fromEntries(project.services.map(({ name, spec }) => [name, spec]));
}

describe("an included project", () => {
  test("must have its own directory and environment, and share one namespace with its includer", () => {
    const project = load(
      "include: [sub/a.yaml]\nservices: {web: {image: '${IMG:-unset}', depends_on: [v], networks: [n]}}",
      {
        "sub/a.yaml":
          "name: other\nversion: '3'\nx-a: 1\n" +
          "services: {v: {image: '$IMG', volumes: ['./x:/x', 'data:/d'], env_file: e.env, networks: [n]}}\n" +
          "volumes: {data: {driver: local, driver_opts: {type: none, o: bind, device: ./data}}}\nnetworks: {n: }",
        "sub/.env": "IMG=own",
        "sub/e.env": "E=1",
      },
    );
    expect(project.name).toBe("app");
    expect(specs(project)).toMatchObject({
      web: { image: "unset", depends_on: { v: {} } },
      v: {
        image: "own",
        environment: { E: "1" },
        volumes: [{ source: "/srv/app/sub/x" }, { source: "data" }],
      },
    });
    expect(project.networks.map((network) => network.name)).toEqual(["app_n"]);
    expect(project.volumes[0]).toMatchObject({
      name: "app_data",
      driverOpts: { device: "/srv/app/sub/data" },
    });
  });

  test("must see the includer's variables first, then those of its environment file, also in that file", () => {
    const files = { "sub/a.yaml": "services: {v: {image: '$A-$B'}}", "sub/.env": "A=sub\nB=${A}b" };
    expect(specs(load("include: [sub/a.yaml]", files, { A: "top" }))).toMatchObject({
      v: { image: "top-topb" },
    });
  });

  test("must pass its own variables through in a list, and the includer's in a mapping", () => {
    const files = {
      "sub/a.yaml": "services: {l: {image: a, environment: [P]}, m: {image: a, environment: {P: }}}",
      "sub/.env": "P=sub",
    };
    expect(specs(load("include: [sub/a.yaml]", files))).toMatchObject({
      l: { environment: { P: "sub" } },
      m: { environment: { P: null } },
    });
  });

  test("may be given another directory and environment files, taken from the includer's directory", () => {
    const text = `include:
  - path: sub/a.yaml
    project_directory: other
    env_file: [one.env, sub/two.env]
`;
    const project = load(text, {
      "sub/a.yaml": "services: {v: {image: '$IMG', volumes: ['./x:/x']}}",
      "other/.env": "IMG=never",
      "one.env": "IMG=one\nX=1",
      "sub/two.env": "IMG=two$X",
    });
    expect(specs(project)).toMatchObject({
      v: { image: "two1", volumes: [{ source: "/srv/app/other/x" }] },
    });
  });

  test("must have no environment of its own with /dev/null", () => {
    const files = { "sub/a.yaml": "services: {v: {image: 'a${P-none}'}}", "sub/.env": "P=1" };
    const text = "include: [{path: sub/a.yaml, env_file: /dev/null}]";
    expect(specs(load(text, files))).toMatchObject({ v: { image: "anone" } });
  });

  test("may be several files, the later ones overriding, all in the first one's directory", () => {
    const project = load("include: [{path: [sub/a.yaml, over/b.yaml]}]", {
      "sub/a.yaml":
        "services: {v: {image: a, volumes: ['./x:/x'], ports: ['1:1'], depends_on: [u]}, u: {image: u}}",
      "over/b.yaml":
        "services: {v: {volumes: ['./y:/y'], ports: !override ['2:2'], depends_on: {u: !reset {}}}}",
    });
    expect(specs(project)).toMatchObject({
      v: {
        volumes: [{ source: "/srv/app/sub/x" }, { source: "/srv/app/sub/y" }],
        ports: [{ published: "2" }],
      },
    });
    expect(project.services.find(({ name }) => name === "v")?.dependsOn).toEqual([]);
  });

  test("may include others, each in its own place, and extend from its own", () => {
    const project = load("include: [sub/a.yaml]", {
      "sub/a.yaml": "include: [deep/b.yaml]\nservices: {a: {extends: {service: q, file: q/q.yaml}}}",
      "sub/.env": "P=sub",
      "sub/q/q.yaml": "services: {q: {image: 'q$P', volumes: ['./q:/q']}}",
      "sub/deep/.env": "P=deep\nQ=deep",
      "sub/deep/b.yaml": "services: {b: {image: '$P-$Q', volumes: ['../z:/z']}}",
    });
    expect(specs(project)).toMatchObject({
      a: { image: "qsub", volumes: [{ source: "/srv/app/sub/q/q" }] },
      b: { image: "sub-deep", volumes: [{ source: "/srv/app/sub/z" }] },
    });
  });

  test("may be changed by a later file of the includer, and change what an earlier one said", () => {
    const envFiles = absolute({ "sub/a.yaml": "services: {v: {image: a, user: u}}" });
    const later = compileFiles(["include: [sub/a.yaml]", "services: {v: {image: b}}"], { envFiles });
    expect(specs(later.project)).toMatchObject({ v: { image: "b", user: "u" } });
    const earlier = compileFiles(["services: {v: {image: b, tty: true}}", "include: [sub/a.yaml]"], {
      envFiles,
    });
    expect(specs(earlier.project)).toMatchObject({ v: { image: "a", user: "u", tty: true } });
  });
});

describe("names that clash", () => {
  const both = (mine: string, theirs: string): DesiredProject =>
    load(`include: [sub/a.yaml]\nservices: {v: ${mine}}`, { "sub/a.yaml": `services: {v: ${theirs}}` });

  test("must be refused with both places unless both say the same in full", () => {
    expect(specs(both("{image: a, environment: [A=1]}", "{environment: [A=1], image: a}"))).toHaveProperty(
      "v",
    );
    expect(refusal(() => both("{image: a}", "{image: b}"))).toMatchObject({
      message:
        "/srv/app/0.yaml:2:12: services.v: services.v is defined by the included /srv/app/sub/a.yaml:1 too",
      hint: "rename one of them, or change the included one with a second path of the include",
    });
    for (const form of ["ports: ['1:1']", "volumes: ['./x:/x']"]) {
      expect(refusal(() => both(`{image: a, ${form}}`, `{image: a, ${form}}`)).message).toContain("too");
    }
  });

  test.each([
    ["{image: a}", "{image: a, tty: true}"],
    ["{image: a, tty: true}", "{image: a}"],
    ["{image: a, tty: true}", "{image: a, init: true}"],
    ["{image: a, cap_add: [A]}", "{image: a, cap_add: [A, B]}"],
    ["{image: a, cap_add: [A, B]}", "{image: a, cap_add: [A]}"],
    ["{image: a, cap_add: [A, B]}", "{image: a, cap_add: [A, C]}"],
    ["{image: a, cap_add: [A, B]}", "{image: a, cap_add: [C, B]}"],
    ["{image: a, labels: [A=1]}", "{image: a, labels: {A: 1}}"],
    ["{image: a, labels: {A: 1}}", "{image: a, labels: [A=1]}"],
  ])("%s must not be the same as %s", (mine, theirs) => {
    expect(refusal(() => both(mine, theirs)).message).toContain("too");
    expect(specs(both(mine, mine))).toHaveProperty("v");
  });

  test("must be no clash when two included files include the same third one", () => {
    const project = load("include: [a/a.yaml, b/b.yaml]\nnetworks: {n: }", {
      "a/a.yaml": "include: [c.yaml]\nservices: {a: {image: a}}",
      "b/b.yaml": "include: [../a/c.yaml]\nservices: {b: {image: b}}",
      "a/c.yaml":
        "services: {v: {image: a, volumes: ['./x:/x'], ports: ['1:1'], networks: [n]}}\nnetworks: {n: }",
    });
    expect(project.services.map(({ name }) => name)).toEqual(["a", "b", "v"]);
  });

  test("must be a clash when one file is included in two directories and has paths", () => {
    const text = "include: [a/c.yaml, {path: a/c.yaml, project_directory: b}]";
    expect(
      refusal(() => load(text, { "a/c.yaml": "services: {v: {image: a, volumes: ['./x:/x']}}" })).message,
    ).toBe("/srv/app/0.yaml:1:21: include[1]: services.v is defined by the included /srv/app/a/c.yaml:1 too");
    expect(specs(load(text, { "a/c.yaml": "services: {v: {image: a}}" }))).toHaveProperty("v");
  });
});

describe("refusals", () => {
  test.each([
    ["include: [no.yaml]", "0.yaml:1:11: include[0]: the file /srv/app/no.yaml does not exist"],
    ["include: [{path: a.yaml, env_file: no.env}]", "the environment file /srv/app/no.env does not exist"],
    ["include: a.yaml", "include: must be a list"],
    ["include: [{env_file: x}]", "include[0]: needs a path"],
    ["include: ['oci://example.org/x']", "include[0]: is not a file on this machine"],
    ["include: [1]", "include[0]: must be a string"],
    ["include: [self.yaml]", "/srv/app/self.yaml -> /srv/app/self.yaml"],
    ["include: [sub/b.yaml]", "/srv/app/sub/b.yaml -> /srv/app/sub/c.yaml -> /srv/app/sub/b.yaml"],
    ["include: [0.yaml]", "/srv/app/0.yaml -> /srv/app/0.yaml"],
    ["include: [odd.yaml]", '/srv/app/odd.yaml:1:1: oops: the key "oops" is unknown'],
  ])("%s must be refused: %s", (text, words) => {
    const files = {
      "0.yaml": text,
      "a.yaml": "services: {a: {image: a}}",
      "self.yaml": "include: [self.yaml]",
      "sub/b.yaml": "include: [c.yaml]",
      "sub/c.yaml": "include: [b.yaml]",
      "odd.yaml": "oops: 1\nservices: {a: {image: a}}",
    };
    expect(refusal(() => load(text, files)).message).toContain(words);
  });

  test("includes that double at each level must be refused, not followed for ever", () => {
    const files = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [
        `${index}.inc`,
        `include: [${index + 1}.inc, ${index + 1}.inc]`,
      ]),
    );
    const started = performance.now();
    expect(
      refusal(() => load("include: [0.inc]", { ...files, "40.inc": "services: {a: {image: a}}" })).message,
    ).toMatch(/more than 256 files are pulled in/);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  test("a file that many share must count once, and be read anew for another directory", () => {
    const many = Array.from({ length: 200 }, (_, index) => `s${index}`);
    const files = Object.fromEntries(
      many.map((name) => [`sub/${name}.yaml`, `services: {${name}: {image: $I}}`]),
    );
    const text = `include: [${many.map((name) => `sub/${name}.yaml`).join(", ")}]`;
    expect(load(text, { ...files, "sub/.env": "I=i" }).services).toHaveLength(200);
    const twice = load("include: [{path: a/c.yaml, project_directory: b}]", {
      "a/c.yaml":
        "services: {v: {image: a, volumes: ['./x:/x']}, w: {extends: {service: v, file: ../a/c.yaml}}}",
    });
    expect(specs(twice)).toMatchObject({
      v: { volumes: [{ source: "/srv/app/b/x" }] },
      w: { volumes: [{ source: "/srv/app/a/x" }] },
    });
  });

  test("an include that says nothing must be nothing", () => {
    expect(specs(load("include:\nservices: {a: {image: a}}", {}))).toHaveProperty("a");
    expect(specs(load("include: [e.yaml]\nservices: {a: {image: a}}", { "e.yaml": "" }))).toHaveProperty("a");
  });
});
