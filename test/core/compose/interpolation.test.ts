// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are templates of compose files
// The interpolation grammar, every row, and its bounds.
import { describe, expect, test } from "vitest";
import { compile, refusal, spec } from "./helper.ts";

const env = { V: "value", EMPTY: "", A: "a", B: "b" };

/** What a template becomes, seen through a label. */
function filled(template: string, extra: Readonly<Record<string, string>> = {}): string | undefined {
  return spec(`labels:\n  x: ${JSON.stringify(template)}`, { env: { ...env, ...extra } }).labels?.x;
}

test.each([
  ["$V", "value"],
  ["${V}", "value"],
  ["a${V}b$V", "avaluebvalue"],
  ["$NO", ""],
  ["${NO}", ""],
  ["${V:-d}", "value"],
  ["${EMPTY:-d}", "d"],
  ["${NO:-d}", "d"],
  ["${V-d}", "value"],
  ["${EMPTY-d}", ""],
  ["${NO-d}", "d"],
  ["${V:+r}", "r"],
  ["${EMPTY:+r}", ""],
  ["${NO:+r}", ""],
  ["${EMPTY+r}", "r"],
  ["${NO+r}", ""],
  ["${V:?m}", "value"],
  ["${EMPTY?m}", ""],
  ["$$", "$"],
  ["$$V", "$V"],
  ["$$$V", "$value"],
  ["$${V}", "${V}"],
  ["${NO:-${B:-c}}x", "bx"],
  ["${NO:-${NOR:-c}}x", "cx"],
  ["${NO:-{a}}", "{a}"],
  ["${NO:-a}b}", "ab}"],
  ["${NO-a:-b}", "a:-b"],
  ["${NO:-}", ""],
  ["$1", "$1"],
  ["$", "$"],
  ["a$", "a$"],
  ["$-", "$-"],
  ["$v", ""],
  ["${NO:-a$$b}", "a$b"],
])("%s must become %j", (template, expected) => {
  expect(filled(template)).toBe(expected);
});

test.each(["${1}", "${A.B}", "${}", "${V", "${V:=x}", "${V%x}", "${ V}", "${V }"])(
  "%s must be refused as invalid, with its place",
  (template) => {
    const error = refusal(() => filled(template));
    expect(error.code).toBe("E_COMPOSE");
    expect(error.message).toContain(
      "/srv/app/0.yaml:5:10: services.web.labels.x: invalid interpolation format",
    );
  },
);

test.each([
  ["${NO:?}", "required variable NO is missing a value"],
  ["${EMPTY:?say it}", "required variable EMPTY is missing a value: say it"],
  ["${NO?ask $A}", "required variable NO is missing a value: ask a"],
])("%s must be refused with its message", (template, message) => {
  expect(refusal(() => filled(template)).message).toContain(message);
});

test("keys must never be interpolated, and values that are no strings stay what they are", () => {
  const read = spec("labels:\n  $V: 1\n  n: 0700", { env });
  expect(read.labels).toEqual({ $V: "1", n: "448" });
});

test("an unset variable must be told once a place, and a set or defaulted one not", () => {
  const { warnings } = compile("services:\n  web:\n    image: a:$NO\n    user: ${NOR:-x}$V\n", { env });
  expect(warnings).toEqual([
    "/srv/app/0.yaml:3:12: services.web.image: the variable NO is not set; an empty text is used",
  ]);
});

test("the project's name must be there as COMPOSE_PROJECT_NAME", () => {
  expect(filled("$COMPOSE_PROJECT_NAME")).toBe("app");
});

test("an unquoted date must be refused where it means something, as docker compose does", () => {
  const error = refusal(() => spec("environment: {D: 2020-01-02}"));
  expect(error.message).toBe("/srv/app/0.yaml:4:22: services.web.environment.D: is a date");
  expect(error.hint).toBe("put the value in quotes");
  expect(() => compile("x-a: 2020-01-02\nservices: {web: {image: a, x-b: [2020-01-02]}}")).not.toThrow();
});

test("extensions must be interpolated too, though they mean nothing: docker compose refuses what it cannot", () => {
  expect(refusal(() => compile("x-a: ${\nservices: {web: {image: a}}\n")).message).toContain("x-a: invalid");
  expect(refusal(() => compile("services:\n  web: {image: a, x-b: '${Q:?n}'}\n")).message).toContain(
    "Q is missing",
  );
});

describe("bounds", () => {
  test("variables nested without end must be refused", () => {
    expect(refusal(() => filled(`${"${A:-".repeat(5000)}${"}".repeat(5000)}`)).message).toContain(
      "nested deeper",
    );
  });

  test("variables that expand to gigabytes must be refused", () => {
    expect(refusal(() => filled("$BIG".repeat(2000), { BIG: "x".repeat(10_000) })).message).toContain(
      "more than 8 MiB",
    );
  });
});
