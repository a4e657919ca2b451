// The project whose requests are held against docker compose's own has a service for every row of the table.
import { describe, expect, it } from "vitest";
import { ATTRIBUTES, type Attribute } from "../../../../src/core/compose/attributes/index.ts";
import { casesFor, FILES, projectOf } from "../../../scenarios/compose/cases.ts";
import { compile } from "../helper.ts";

const NEWEST = 51;

/** Rows without a case, and why. */
const WITHOUT: Readonly<Record<string, string>> = {
  "services.*.cpu_rt_period": "needs a kernel with real-time groups",
  "services.*.cpu_rt_runtime": "needs a kernel with real-time groups",
  "services.*.env_file": "is part of environment in the model",
  "services.*.storage_opt": "needs a disk with project quotas",
};

const texts = Object.fromEntries(
  Object.entries(FILES).map(([name, text]) => [`/srv/app/${name}`, text] as const),
);
const { project } = compile(projectOf(Object.keys(casesFor(NEWEST))), {
  env: { TEXT: "some text" },
  envFiles: texts,
});

/** The value at a row's path below one thing of the model; what is empty counts, what is absent does not. */
function valuesAt(value: unknown, steps: readonly string[]): readonly unknown[] {
  const [step, ...rest] = steps;
  if (value === undefined || value === null) return [];
  if (step === undefined) return [value];
  if (typeof value !== "object") return [];
  const children = step === "*" || step === "[]" ? Object.values(value) : [Reflect.get(value, step)];
  return children.flatMap((child) => valuesAt(child, rest));
}

function isUsed(row: Attribute): boolean {
  const steps = row.path.replaceAll("[]", ".[]").split(".").slice(2);
  const found = project.services.flatMap(({ spec }) => valuesAt(spec, steps));
  const wanted = row.when.length === 0 ? found : found.filter((value) => row.when.includes(String(value)));
  return wanted.length > 0;
}

const sent = ATTRIBUTES.filter(({ path, support }) => support === "sent" && path.startsWith("services.*."));

describe("the project that both tools bring up", () => {
  it("must have a service for every attribute of services that is sent", () => {
    const missing = sent.filter((row) => !isUsed(row)).map(({ path, when }) => `${path} ${when.join("|")}`);
    expect(missing.map((one) => one.trim()).sort()).toEqual(Object.keys(WITHOUT));
  });
});
