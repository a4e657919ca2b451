// The attribute table against the readers, the specification's schema, and the page that is made from it.
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ATTRIBUTES, keysOf, refusalsOf, tooNewFor } from "../../../../src/core/compose/attributes/index.ts";
import { printedHash } from "../../../../src/core/compose/hash/index.ts";
import { encodeService } from "../../../../src/core/compose/hash/service.ts";
import { READERS } from "../../../../src/core/compose/stages/readers.ts";
import type { ServiceSpec } from "../../../../src/core/model/index.ts";
import { compile, refusal, web } from "../helper.ts";
import { renderReference } from "./reference.ts";

const at = (path: string): URL => new URL(`../../../../${path}`, import.meta.url);

type Definition = {
  readonly properties?: object;
  readonly patternProperties?: Readonly<Record<string, unknown>>;
};
const schema = JSON.parse(readFileSync(at("config/compose-spec.json"), "utf8")) as Definition & {
  readonly $defs?: Readonly<Record<string, Definition>>;
  readonly definitions?: Readonly<Record<string, Definition>>;
};

/** Keys of one definition of the schema; without a name, of the whole file. */
function schemaKeys(name: string | null): readonly string[] {
  const found = name === null ? schema : (schema.$defs ?? schema.definitions)?.[name];
  return Object.keys(found?.properties ?? {}).sort();
}

/** Ours, and what a later docker compose has brought. */
const OWN = ["x-boardhand"];
const LATER = ["pre_start"];

describe("the attribute table", () => {
  it.each([
    ["", null],
    ["services.*", "service"],
    ["services.*.healthcheck", "healthcheck"],
    ["services.*.deploy", "deployment"],
    ["networks.*", "network"],
    ["volumes.*", "volume"],
    ["secrets.*", "secret"],
    ["configs.*", "config"],
  ])("must have every key of %j that the specification's schema has, and no other", (mapping, name) => {
    const keys = keysOf(mapping).filter((key) => !OWN.includes(key));
    expect([...keys].sort()).toEqual(schemaKeys(name).filter((key) => !LATER.includes(key)));
  });

  it("must have a reader for every key of a service that is not read elsewhere", () => {
    const elsewhere = ["env_file", "extends", "pull_refresh_after", ...OWN];
    expect(Object.keys(READERS).sort()).toEqual(
      keysOf("services.*")
        .filter((key) => !elsewhere.includes(key))
        .sort(),
    );
  });

  it("must say of each attribute once what becomes of it, or once for each of its values", () => {
    const seen = new Set<string>();
    for (const { path, when } of ATTRIBUTES) {
      for (const value of when.length === 0 ? ["*"] : when) {
        expect(seen, path).not.toContain(`${path} ${value}`);
        seen.add(`${path} ${value}`);
      }
    }
  });

  it("must be what docs/reference/compose.md was made from", () => {
    const path = "docs/reference/compose.md";
    if (process.env.UPDATE === "1") writeFileSync(at(path), renderReference());
    expect(readFileSync(at(path), "utf8"), "stale: run with UPDATE=1").toBe(renderReference());
  });
});

describe("a service that cannot be had here", () => {
  it.each([
    ["credential_spec: {file: a}", "uses credential_spec, which is for Windows containers; remove the key"],
    ["isolation: process", "uses isolation process, which is for Windows containers; remove the key"],
    ["models: [m]", "uses models, which needs Docker's model runner; run the model as a service of its own"],
    [
      "provider: {type: x}",
      "uses provider, which needs a plugin of docker compose that makes the service; keep this project with docker compose",
    ],
    [
      "use_api_socket: true",
      "uses use_api_socket, which would hand the engine's socket and every registry password to the container; mount the socket under volumes if the container must have it",
    ],
    ["uts: 'container:x'", "uses uts container:x, which no engine can do; use host or nothing"],
    [
      "volumes: [{type: npipe, source: /a, target: /b}]",
      "uses volumes.type npipe, which exists on Windows only; use a bind mount",
    ],
    [
      "volumes: [{type: cluster, source: a, target: /b}]",
      "uses volumes.type cluster, which exists in a swarm only; use a volume",
    ],
    [
      "healthcheck: {test: a, start_interval: 1s}",
      "uses healthcheck.start_interval without start_period; add start_period, the time in which start_interval counts",
    ],
    [
      "security_opt: ['seccomp=./none.json']",
      "names the seccomp profile /srv/app/none.json, which does not exist",
    ],
  ])("%s must be told of, the file being read all the same", (body, refusal) => {
    expect(web(body, {}, "models: {m: {model: x}}\n").refusals).toEqual([refusal]);
  });

  it("must be one that is only built, called as docker compose calls it, and no registry asked for it", () => {
    const { project } = compile("services: {web: {build: .}, db: {image: db}}", { directory: "/srv/app" });
    const [db, built] = project.services;
    expect(built).toMatchObject({
      reference: "app-web",
      pull: "never",
      refusals: [
        "has build and no image, and Boardhand builds nothing; push the image somewhere and name it with image:",
      ],
    });
    expect(built?.spec).not.toHaveProperty("image");
    expect(db?.refusals).toEqual([]);
  });

  it.each([
    "isolation: default",
    "uts: host",
    "build: .",
    "use_api_socket: false",
    "develop: {watch: []}",
    "attach: false",
    "healthcheck: {test: a, start_interval: 1s, start_period: 1s}",
    "security_opt: ['seccomp=unconfined', 'seccomp:builtin', 'label=seccomp=x']",
  ])("must not be one with %s", (body) => {
    expect(web(body).refusals).toEqual([]);
  });
});

describe("seccomp profiles", () => {
  const file = "/srv/app/p.json";
  it("must be sent without white space between their parts, and otherwise as they are written", () => {
    const text = ' {"a": 1.0,\n\t"b c": "x \\" y", "d":[ ] } \n';
    const { seccomp } = web("security_opt: ['seccomp:p.json', no-new-privileges]", {
      envFiles: { [file]: text },
    });
    expect(seccomp).toEqual({ "seccomp:p.json": '{"a":1.0,"b c":"x \\" y","d":[]}' });
  });

  it("must be refused when they are not JSON", () => {
    const broken = web("security_opt: ['seccomp=/srv/app/p.json']", { envFiles: { [file]: "{" } });
    expect(broken.refusals).toEqual([`names the seccomp profile ${file}, which is not JSON`]);
  });
});

it("an engine must be too old for what came after it, and for nothing else", () => {
  const spec: ServiceSpec = { image: "x", annotations: { a: "b" }, cgroup: "host" };
  expect(tooNewFor(spec, 40)).toHaveLength(2);
  expect(tooNewFor(spec, 42)).toHaveLength(1);
  expect(tooNewFor(spec, 43)).toEqual([]);
  expect(refusalsOf(spec)).toEqual([]);
});

it("the names of label files must be in the label's hash and not in the printed one, as docker compose has it", () => {
  const files = { "/srv/app/a": "A=1\n" };
  const from = web("label_file: a", { envFiles: files });
  const written = web("labels: {A: '1'}");
  expect(printedHash(from.spec)).toBe(written.composeHashes[0]);
  expect(encodeService(from.spec, "v2.40")).toContain('"labels":{"A":"1"},"label_file":["/srv/app/a"]');
  expect(from.composeHashes[0]).not.toBe(written.composeHashes[0]);
});

it("a label file must know the labels of the files before it, its own win over theirs and the service's over all", () => {
  const envFiles = {
    "/srv/app/1": "A=1\nB=$A.x\n9k=1\n",
    "/srv/app/2": "A=2\nF=$B\nG=$A\nH=$HOME\n",
  };
  const setting = { envFiles, env: { HOME: "/srv/user" } };
  expect(web("label_file: ['1', ./2]\nlabels: {B: own}", setting).spec.labels).toEqual({
    "9k": "1",
    A: "2",
    B: "own",
    F: "1.x",
    G: "1",
    H: "",
  });
  expect(refusal(() => web("label_file: none")).message).toContain(
    "0.yaml:4:17: services.web.label_file: the label file /srv/app/none does not exist",
  );
});
