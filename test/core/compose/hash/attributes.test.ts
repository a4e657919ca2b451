// From YAML to hash, one attribute at a time: what compose casts, cuts, drops and prints must come out byte for byte, and
// what it refuses must be refused. The texts stand below `image: nginx` of a service in /srv/app.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { createSchemaCheck } from "../../../../src/adapters/schema/index.ts";
import { COMPOSE_SCHEMA_FILE } from "../../../../src/assets.ts";
import { compile, refusal } from "../helper.ts";

const SERVICE = "services:\n  web:\n    image: nginx\n";
const schema = createSchemaCheck(COMPOSE_SCHEMA_FILE);

/** Records of a file beside this one, an empty line between them. */
function records(name: string): readonly string[] {
  return readFileSync(new URL(name, import.meta.url), "utf8")
    .trimEnd()
    .split("\n\n");
}

/** [text, what docker compose 2.40.3 printed for `config --hash`]. */
const ACCEPTED = records("accepted-attributes.txt").map((record): readonly [string, string] => {
  const end = record.indexOf("\n");
  return [record.slice(end + 1), record.slice(0, end)];
});

it.each(ACCEPTED)("%j must hash as docker compose does", (text, hash) => {
  const { project } = compile(`${SERVICE}${text}\n`, { schema });
  expect(project.services[0]?.composeHashes[0]).toBe(hash);
});

it.each(records("refused-attributes.txt"))(
  "%j must be refused, as docker compose does, with its place",
  (text) => {
    const { code, message } = refusal(() => compile(`${SERVICE}${text}\n`, { schema }));
    expect(code).toBe("E_COMPOSE");
    expect(message).toMatch(/^\/srv\/app\/0\.yaml:\d+:\d+: services\.web/);
  },
);
