// From the bytes of a webhook to what they say: JSON, or a form with the JSON in its field `payload`. Refuses what is
// compressed, in another character set, or neither.
import type { IncomingHttpHeaders } from "node:http";
import { httpRefusal, type Refusal } from "./errors.ts";

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json$/;
const FORM_TYPE = "application/x-www-form-urlencoded";
const UTF8: ReadonlySet<string> = new Set(["", "utf-8", "utf8"]);

/** The JSON text of a delivery, still unread, or the answer to a sender of something else. */
export function jsonTextOf(body: Buffer, headers: IncomingHttpHeaders): Buffer | Refusal {
  const encoding = headers["content-encoding"] ?? "identity";
  if (encoding.toLowerCase() !== "identity")
    return httpRefusal(415, "the body is compressed", "send it plain");
  const { type, charset } = contentType(headers["content-type"] ?? "");
  if (!UTF8.has(charset)) return httpRefusal(415, "the body is in another character set", "send UTF-8");
  if (JSON_TYPE.test(type)) return body;
  if (type === FORM_TYPE) return payloadField(body);
  const hint = "send JSON with Content-Type: application/json, or a form with the JSON in the field payload";
  return httpRefusal(415, "the body is neither JSON nor a form", hint);
}

/** What the text says; undefined when it is no JSON in UTF-8. */
export function parsed(text: Buffer): { readonly payload: unknown } | undefined {
  try {
    return { payload: JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(text)) };
  } catch {
    return undefined;
  }
}

function contentType(header: string): { readonly type: string; readonly charset: string } {
  const [type = "", ...parameters] = header.slice(0, 256).toLowerCase().split(";");
  const charset = parameters.map((one) => /^\s*charset\s*=\s*"?([^"\s]*)"?\s*$/.exec(one)?.[1]);
  return { type: type.trim(), charset: charset.find((one) => one !== undefined) ?? "" };
}

function payloadField(body: Buffer): Buffer | Refusal {
  // Each byte as one character: whatever is not percent-encoded must survive.
  const text = body.toString("latin1");
  const start = text.startsWith("payload=") ? 0 : text.indexOf("&payload=") + 1;
  const refusal = httpRefusal(
    400,
    "the form has no field payload with JSON",
    "send the JSON in the field payload",
  );
  if (!text.startsWith("payload=", start)) return refusal;
  const end = text.indexOf("&", start);
  const value = text.slice(start + "payload=".length, end === -1 ? undefined : end);
  try {
    return Buffer.from(decodeURIComponent(value.replaceAll("+", " ")), "utf8");
  } catch {
    return refusal;
  }
}
