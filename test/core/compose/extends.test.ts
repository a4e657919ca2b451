// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are templates of compose files
// Services that extend others: what they take over, whose paths and variables count, and the circles that are refused.
import { describe, expect, test } from "vitest";
import type { ServiceSpec } from "../../../src/core/model/index.ts";
import { compile, compileFiles, refusal, type Setting } from "./helper.ts";

function service(name: string, text: string, setting: Setting = {}): ServiceSpec | undefined {
  return compile(text, setting).project.services.find((one) => one.name === name)?.spec;
}

describe("a service of the same document", () => {
  test("must be taken over in full, dependencies and namespaces included, and merged like an override", () => {
    const text = `services:
  base: {image: a, command: [x], environment: [A=1, B=1], cap_add: [NET_ADMIN], ports: ["80:80"],
         volumes: ["./x:/x", "./y:/y"], depends_on: [db], ipc: "service:db"}
  web: {extends: base, image: b, environment: {B: 2}, cap_add: [KILL, NET_ADMIN], ports: ["81:80"],
        volumes: ["./z:/x"], command: }
  db: {image: db}
`;
    expect(service("web", text)).toMatchObject({
      image: "b",
      environment: { A: "1", B: "2" },
      cap_add: ["NET_ADMIN", "KILL"],
      ports: [{ published: "80" }, { published: "81" }],
      volumes: [
        { source: "/srv/app/z", target: "/x" },
        { source: "/srv/app/y", target: "/y" },
      ],
      depends_on: { db: { condition: "service_started" } },
      ipc: "service:db",
    });
    expect(service("web", text)).not.toHaveProperty("command");
    expect(service("base", text)).toMatchObject({ image: "a", environment: { A: "1", B: "1" } });
  });

  test("may itself extend another, and the mapping form must mean the same", () => {
    const text = "services: {a: {image: a, user: u}, b: {extends: {service: a}, tty: true}, c: {extends: b}}";
    expect(service("c", text)).toMatchObject({ image: "a", user: "u", tty: true });
  });

  test("must lose what the extending one resets, and be replaced where it overrides", () => {
    const text = `services:
  a: {image: a, user: u, ports: ["80:80"], environment: {A: 1, B: 2}, depends_on: [d, e]}
  b: {extends: a, user: !reset , ports: !override ["81:81"], environment: {A: !reset x}, depends_on: {d: !reset {}}}
  d: {image: d}
  e: {image: e}
`;
    const spec = service("b", text);
    expect(spec).not.toHaveProperty("user");
    expect(spec?.ports?.map((port) => port.published)).toEqual(["81"]);
    expect(spec?.environment).toEqual({ B: "2" });
    expect(Object.keys(spec?.depends_on ?? {})).toEqual(["e"]);
    expect(service("a", text)).toMatchObject({ user: "u", environment: { A: "1", B: "2" } });
  });

  test("must be in the same document: an earlier file does not count", () => {
    const error = refusal(() =>
      compileFiles(["services: {a: {image: a}}", "services:\n  b:\n    extends: a\n"]),
    );
    expect(error).toMatchObject({
      code: "E_COMPOSE",
      message: '/srv/app/1.yaml:3:14: services.b.extends: there is no service "a" in this document',
      hint: "only a service of the same document, or of the named file, can be extended",
    });
  });

  test("must be merged onto what earlier files say of the extending one", () => {
    const { project } = compileFiles([
      "services: {a: {image: a, user: u}}",
      "services: {a: {extends: q, tty: true}, q: {image: q}}",
    ]);
    expect(project.services[0]?.spec).toMatchObject({ image: "q", user: "u", tty: true });
  });
});

describe("a service of another file", () => {
  const files = {
    "/srv/app/sub/b.yaml": `services:
  base: {extends: {service: deep, file: ../deep/c.yaml}, image: "b$\{V}", volumes: ["./x:/x"], env_file: e.env}
  other: {oops: 1}
unknown: true
---
services: {base: {tty: true}}
`,
    "/srv/app/deep/c.yaml":
      'services: {deep: {volumes: ["./d:/d", "../e:/e"], extends: deeper}, deeper: {user: u}}',
    "/srv/app/sub/e.env": "E=1",
    "/srv/app/sub/.env": "V=never",
  };

  test("must keep its own directory, and have the variables of the extending one", () => {
    const text = 'services: {web: {extends: {service: base, file: "sub/$F.yaml"}, volumes: ["./own:/own"]}}';
    expect(service("web", text, { envFiles: files, env: { F: "b", V: "1" } })).toMatchObject({
      image: "b1",
      user: "u",
      tty: true,
      environment: { E: "1" },
      volumes: [
        { source: "/srv/app/deep/d" },
        { source: "/srv/app/e" },
        { source: "/srv/app/sub/x" },
        { source: "/srv/app/own" },
      ],
    });
  });

  test("must bring no networks or services with it", () => {
    const envFiles = {
      "/srv/app/b.yaml":
        "services: {b: {image: b, networks: [n], links: [c]}, c: {image: c}}\nnetworks: {n: }",
    };
    const text = "services: {a: {extends: {service: b, file: b.yaml}}}";
    expect(refusal(() => compile(text, { envFiles })).message).toMatch(
      /^\/srv\/app\/b.yaml:1:.*services\.b\./,
    );
  });

  test.each([
    ["{service: q, file: sub/b.yaml}", 'there is no service "q" in /srv/app/sub/b.yaml'],
    ["{service: q, file: no.yaml}", "the file /srv/app/no.yaml does not exist"],
    ["{service: q, file: sub/e.env}", "must be a mapping"],
    ["{service: q, file: empty.yaml}", "the file is empty"],
    ["{service: q, file: none.yaml}", "the file /srv/app/none.yaml has no services"],
    ["{service: q, file: 'https://example.org/b.yaml'}", "is not a file on this machine"],
    ["{file: sub/b.yaml}", "needs a service"],
    ["", "must be a string"],
    ["[a]", "must be a string"],
  ])("extends: %s must be refused: %s", (value, words) => {
    const envFiles = { ...files, "/srv/app/empty.yaml": "", "/srv/app/none.yaml": "x: 1" };
    const text = `services:\n  web:\n    image: a\n    extends: ${value}\n`;
    expect(refusal(() => compile(text, { envFiles })).message).toContain(words);
  });
});

describe("circles", () => {
  test.each([
    ["a: {extends: a}", "a in /srv/app/0.yaml -> a in /srv/app/0.yaml"],
    [
      "a: {extends: b}, b: {extends: a}",
      "a in /srv/app/0.yaml -> b in /srv/app/0.yaml -> a in /srv/app/0.yaml",
    ],
    [
      "a: {extends: {service: a, file: b.yaml}}",
      "a in /srv/app/0.yaml -> a in /srv/app/b.yaml -> a in /srv/app/0.yaml",
    ],
  ])("{%s} must be refused with its steps", (services, steps) => {
    const text = `services: {${services}}`;
    const envFiles = {
      "/srv/app/b.yaml": "services: {a: {image: a, extends: {service: a, file: 0.yaml}}}",
      "/srv/app/0.yaml": text,
    };
    expect(refusal(() => compile(text, { envFiles })).message).toContain(
      `services extend each other in a circle: ${steps}`,
    );
  });

  test("a long chain and many files must be refused, not followed for ever", () => {
    const chain = Array.from(
      { length: 5000 },
      (_, index) => `  s${index}: {image: a, extends: s${index + 1}}`,
    );
    const text = `services:\n${chain.join("\n")}\n  s5000: {image: a}\n`;
    expect(refusal(() => compile(text)).message).toContain("extend each other");
    const many = Array.from({ length: 257 }, (_, index) => `f${index}.yaml`);
    const lines = many.map((file, index) => `  s${index}: {extends: {service: a, file: ${file}}}\n`);
    const envFiles = Object.fromEntries(
      many.map((file) => [`/srv/app/${file}`, "services: {a: {image: a}}"]),
    );
    expect(refusal(() => compile(`services:\n${lines.join("")}`, { envFiles })).message).toContain(
      "more than 256 files are pulled in",
    );
    const one = lines.map((line) => line.replace(/f\d+/, "f0"));
    expect(compile(`services:\n${one.join("")}`, { envFiles }).project.services).toHaveLength(257);
  });
});
