// How compose prints a typed YAML scalar where text is wanted (environment, labels, options): Go's %v.
import type { YamlScalarValue } from "../../model/index.ts";

/** Text of a scalar; `written` tells `1000000.0` (a float, `1e+06`) from `1000000`. Null is the empty text. */
export function scalarToText(value: YamlScalarValue, written: string): string {
  if (value === null) return "";
  if (typeof value !== "number") return String(value);
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  return isFloat(value, written) ? floatToText(value) : String(value);
}

/** Whether YAML made a float of it: `64.0` and `1e3` are, though their values are whole. */
export function isFloat(value: number, written: string): boolean {
  if (!Number.isSafeInteger(value)) return true;
  if (/^[-+]?0[xob]/i.test(written)) return false;
  return /[.eE]/.test(written) || /^[-+]?0\d*[89]/.test(written);
}

const FLOAT = /^[-+]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)(e[-+]?\d+)?$/i;

/** A decimal number in text as Go's ParseFloat reads it, underscores between digits allowed; null when it is none. */
export function parseFloatText(text: string): number | null {
  return text.length <= 40 && FLOAT.test(text) ? Number(text.replaceAll("_", "")) : null;
}

/** Shortest digits; exponent form below 1e-4 and from 1e6 on. */
function floatToText(value: number): string {
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const [digits = "", exponent = "0"] = value.toExponential().split("e");
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(value);
  return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}
