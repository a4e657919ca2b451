// Secrets, configs and hooks of a compose file: what is read, what is refused, what a container gets.
import { describe, expect, it, test } from "vitest";
import type { CompiledProject } from "../../../src/core/compose/index.ts";
import { compile, compileFiles, refusal, web } from "./helper.ts";
import { RECORDED_FILES, SECTIONS } from "./recorded-files.ts";

const TOKEN = { env: { TOKEN: "s3cret" } };

describe("the hash", () => {
  it.each(RECORDED_FILES)("of %s must equal what docker compose 2.40.3 printed", (_title, body, hash) => {
    expect(web(body, TOKEN, SECTIONS).composeHashes[0]).toBe(hash);
  });

  it("must not depend on a text or on where a file is", () => {
    const body = "secrets: [one, two]\nconfigs: [c2]";
    const moved = SECTIONS.replace("./one.txt", "./other.txt").replace("content: a", "content: b");
    const before = web(body, TOKEN, SECTIONS);
    const after = web(body, { env: { TOKEN: "other" } }, moved);
    expect(after.composeHashes).toEqual(before.composeHashes);
    expect(after.definitionHash).toBe(before.definitionHash);
  });
});

describe("a top-level section", () => {
  const section = (text: string): CompiledProject => compile(`services: {web: {image: a}}\n${text}`);

  it.each([
    ["secrets: {a: {}}", "secrets.a: has no source", "give it exactly one of file or environment"],
    ["secrets: {a: {name: x}}", "secrets.a: has no source", "give it exactly one of file or environment"],
    [
      "secrets: {a: {file: x, environment: X}}",
      "secrets.a: has several sources: file and environment",
      "give it exactly one of file or environment",
    ],
    [
      "configs: {a: {environment: X, content: x}}",
      "configs.a: has several sources: environment and content",
      "give it exactly one of file, environment or content",
    ],
    [
      "configs: {a: {name: x, external: {name: y}}}",
      "configs.a: has a name and external.name",
      "keep name only",
    ],
    ["secrets: {a: }", "secrets.a: must be a mapping", null],
    [
      "secrets: {a: {content: x}}",
      'secrets.a.content: the key "content" is unknown',
      "remove the key, or give it the prefix x-",
    ],
    [
      "configs: {a: {driver: x}}",
      'configs.a.driver: the key "driver" is unknown',
      "remove the key, or give it the prefix x-",
    ],
    [
      "configs: {a b: {content: x}}",
      'configs.a b: "a b" is not a usable name',
      "use letters, digits, _ . and -",
    ],
  ])("%s must be refused although nobody uses it", (text, message, hint) => {
    const error = refusal(() => section(text));
    expect(error.message).toContain(message);
    expect(error.hint).toBe(hint);
    expect(error.data).toMatchObject({ file: "/srv/app/0.yaml", line: 2 });
  });

  it("must be read with its names, used or not", () => {
    const { sections, texts } = compile(
      `services: {web: {image: a, secrets: [b, a, e], configs: [c]}}
secrets: {a: {file: ~/x, labels: [l=1]}, b: {environment: TOKEN, name: named}, e: {external: {name: out}}}
configs: {c: {content: "x$TOKEN", template_driver: t}, d: {content: ""}, f: {environment: NONE}}
`,
      { env: { TOKEN: "s3cret", HOME: "/users/me" } },
    );
    const secrets = [...sections.secrets.values()];
    expect(secrets.map(({ key, name, file, environment }) => [key, name, file, environment])).toEqual([
      ["a", "app_a", "/users/me/x", null],
      ["b", "named", null, "TOKEN"],
      ["e", "out", null, null],
    ]);
    expect(secrets.map(({ external, labels }) => [external, labels])).toEqual([
      [false, { l: "1" }],
      [false, {}],
      [true, {}],
    ]);
    expect(sections.configs.get("c")).toMatchObject({ driver: null, templateDriver: "t" });
    expect(texts.map(({ kind, source, content }) => [kind, source, content.reveal()])).toEqual([
      ["secret", "b", "s3cret"],
      ["config", "c", "xs3cret"],
      ["config", "d", ""],
    ]);
  });

  it("of an included project must take its variables from that project's environment", () => {
    const top = "include: [/srv/in/compose.yaml]\nservices: {web: {image: a}}\n";
    const inner = "services: {in: {image: a, secrets: [s]}}\nsecrets: {s: {environment: TOKEN}}\n";
    const envFiles = { "/srv/in/compose.yaml": inner, "/srv/in/.env": "TOKEN=inner\n" };
    const { texts } = compileFiles([top], { envFiles });
    expect(texts.map(({ content }) => content.reveal())).toEqual(["inner"]);
  });
});

describe("a use", () => {
  it.each([
    ["secrets: [zz]", 'services.web.secrets: the secret "zz" is not defined'],
    ["configs: [zz]", 'services.web.configs: the config "zz" is not defined'],
    ["secrets: [{target: x}]", "services.web.secrets[0]: needs a source"],
    ['secrets: [""]', "services.web.secrets[0]: names no secret or config"],
    ["secrets: [null]", "services.web.secrets[0]: must be a string"],
    ["secrets: {one: }", "services.web.secrets: must be a list"],
    ["secrets: [{source: one, foo: 1}]", 'services.web.secrets[0].foo: the key "foo" is unknown'],
    ["secrets: [{source: one, uid: 103}]", "services.web.secrets[0].uid: must be a string"],
    ...["0888", '"abc"', "-1", "1.5", '"0x1F"', '"0o440"', "true", '""', "99999999999"].map((mode) => [
      `secrets: [{source: one, mode: ${mode}}]`,
      "services.web.secrets[0].mode: must be permissions in octal",
    ]),
    ["post_start: {command: x}", "services.web.post_start: must be a list"],
    ["post_start: [x]", "services.web.post_start[0]: must be a mapping"],
    ["post_start: [{user: root}]", "services.web.post_start[0]: a hook needs a command"],
    ["pre_stop: [{command: x, foo: 1}]", 'services.web.pre_stop[0].foo: the key "foo" is unknown'],
    ["pre_stop: [{command: x, user: 1}]", "services.web.pre_stop[0].user: must be a string"],
    [`pre_stop: [${"{command: x},".repeat(101)}]`, "services.web.pre_stop: more than 100 hooks"],
  ])("%s must be refused with its place", (body, message) => {
    const error = refusal(() => web(body ?? "", {}, SECTIONS));
    expect(error.code).toBe("E_COMPOSE");
    expect(error.message).toContain(message);
  });

  it("must come to a mount of the file or a copy of the text, secrets first", () => {
    const body = `configs: [c1, {source: c2, target: rel/c, mode: 0640}]
secrets: [one, {source: two, target: t, uid: "5", gid: "6", mode: 0o100400}, {source: one, target: /abs}]`;
    const file = { uid: null, gid: null, mode: 0o444 };
    expect(web(body, TOKEN, SECTIONS).files).toEqual([
      { kind: "secret", source: "one", target: "/run/secrets/one", mounted: "/srv/app/one.txt", ...file },
      { kind: "secret", source: "two", target: "/run/secrets/t", mounted: null, uid: 5, gid: 6, mode: 0o400 },
      { kind: "secret", source: "one", target: "/abs", mounted: "/srv/app/one.txt", ...file },
      { kind: "config", source: "c1", target: "/c1", mounted: "/etc/c1", ...file },
      { kind: "config", source: "c2", target: "/rel/c", mounted: null, ...file, mode: 0o640 },
    ]);
  });

  it("must be warned of owner and permissions where a file is mounted, and only there", () => {
    const body = `secrets: [{source: one, uid: "5", mode: 0400}, {source: two, mode: 0400}]
    configs: [{source: c1, gid: "1"}]`;
    const { warnings } = compile(`services:\n  web:\n    image: a\n    ${body}\n${SECTIONS}`, TOKEN);
    expect(warnings).toEqual([
      '/srv/app/0.yaml:4:5: services.web.secrets: uid, mode of "one" without effect: a file is mounted as it is',
      '/srv/app/0.yaml:5:5: services.web.configs: gid of "c1" without effect: a file is mounted as it is',
    ]);
  });

  it("of an empty text must come to nothing", () => {
    const service = web("secrets: [two]\nread_only: true", { env: { TOKEN: "" } }, SECTIONS);
    expect(service.files).toEqual([]);
    expect(service.refusals).toEqual([]);
  });
});

describe("what only a swarm can do, or nobody", () => {
  const refusals = (text: string, setting = {}) => compile(text, setting).project.services[0]?.refusals;
  const service = (secret: string, body = "secrets: [s]"): string =>
    `services: {web: {image: a, ${body}}}\nsecrets: {s: ${secret}}\n`;

  test.each([
    [service("{external: true}"), 'uses the secret "s", which is external: only a swarm keeps those'],
    [service("{file: x, driver: d}"), 'uses the secret "s", which has a driver: only a swarm runs those'],
    [
      service("{file: x, template_driver: d}"),
      'uses the secret "s", which has a template_driver: only a swarm runs those',
    ],
    [service("{environment: NONE}"), 'uses the secret "s", which needs the variable NONE, which is not set'],
    [
      service("{environment: TOKEN}", "read_only: true, secrets: [s]"),
      'uses the secret "s", which cannot be copied into a container that is read_only; use file',
    ],
    [
      service("{environment: TOKEN}", "secrets: [{source: s, uid: root}]"),
      'uses the secret "s", which has an owner that is no number: root',
    ],
  ])("%s must be a refusal of the service", (text, words) => {
    expect(refusals(text, TOKEN)).toEqual([words]);
  });

  it("must not be one where a file is mounted", () => {
    const body = 'read_only: true, secrets: [{source: s, uid: root, mode: "0600"}]';
    expect(refusals(service("{file: x}", body))).toEqual([]);
  });
});

describe("a text", () => {
  it("must not be in the project, which is written to disk, nor in what prints", () => {
    const compiled = compile(
      `services: {web: {image: a, secrets: [two], configs: [c2]}}\n${SECTIONS.replace("content: a", "content: hidden-$TOKEN")}`,
      TOKEN,
    );
    expect(compiled.texts).toHaveLength(2);
    expect(JSON.stringify(compiled)).not.toContain("s3cret");
    expect(JSON.stringify(compiled.project)).not.toContain("hidden");
  });
});
