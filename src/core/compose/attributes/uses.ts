// Which rows of the table a service uses, and what follows: nothing, that it cannot be had here, or an engine too old.
import type { ServiceSpec } from "../../model/index.ts";
import { PARTS } from "./parts.ts";
import type { Attribute } from "./rows.ts";
import { SERVICE } from "./service.ts";

const ROOT = "services.*.";
const ROWS = [...SERVICE, ...PARTS];
const REFUSED = ROWS.filter(({ support }) => support === "refused");
const GATED = ROWS.filter(({ since }) => since !== null);

/** Why a service cannot be made here, whatever the engine; each reads on after "the service …". */
export function refusalsOf(spec: ServiceSpec): readonly string[] {
  const used = REFUSED.flatMap((row) => {
    const name = nameIn(spec, row);
    return name === null ? [] : [`uses ${name}, which ${row.what}; ${row.hint}`];
  });
  const { image, build, healthcheck: check } = spec;
  const buildOnly = image === undefined && build !== undefined ? [BUILD_ONLY] : [];
  const untimed = check?.start_interval !== undefined && check.start_period === undefined ? [UNTIMED] : [];
  return [...used, ...buildOnly, ...untimed];
}

const BUILD_ONLY =
  "has build and no image, and Boardhand builds nothing; push the image somewhere and name it with image:";
const UNTIMED =
  "uses healthcheck.start_interval without start_period; add start_period, the time in which start_interval counts";

/** What the service uses that engines below API 1.`minor` do not have, as in `refusalsOf`. */
export function tooNewFor(spec: ServiceSpec, minor: number): readonly string[] {
  return GATED.flatMap((row) => {
    if (row.since === null || row.since <= minor) return [];
    const name = nameIn(spec, row);
    return name === null
      ? []
      : [`uses ${name}, which needs an engine with API 1.${row.since}, this one has 1.${minor}`];
  });
}

/** `volumes.type image`, `annotations`: how a message calls what is used; null when it is not. */
function nameIn(spec: ServiceSpec, row: Attribute): string | null {
  const path = row.path.slice(ROOT.length);
  const steps = path.replaceAll("[]", ".[]").split(".");
  const found = valuesAt(spec, steps).find(
    (value) => isSet(value) && (row.when.length === 0 || isOneOf(value, row.when)),
  );
  if (found === undefined) return null;
  const name = steps.filter((step) => step !== "*" && step !== "[]").join(".");
  return row.when.length === 0 ? name : `${name} ${String(found)}`;
}

function valuesAt(value: unknown, steps: readonly string[]): readonly unknown[] {
  const [step, ...rest] = steps;
  if (step === undefined) return [value];
  if (typeof value !== "object" || value === null) return [];
  if (step === "*" || step === "[]") return Object.values(value).flatMap((child) => valuesAt(child, rest));
  const child = Object.entries(value).find(([key]) => key === step);
  return child === undefined ? [] : valuesAt(child[1], rest);
}

/** Empty texts, zeros, false and empty mappings ask for nothing. */
function isSet(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
  return value !== undefined && value !== null && value !== "" && value !== 0 && value !== false;
}

/** A pattern that ends in `*` stands for everything that begins so. */
function isOneOf(value: unknown, patterns: readonly string[]): boolean {
  const text = String(value);
  return patterns.some((pattern) =>
    pattern.endsWith("*") ? text.startsWith(pattern.slice(0, -1)) : text === pattern,
  );
}
