// Reading what the engine sends: whole bodies and lines, both bounded; characters may be split over chunks.
import { StringDecoder } from "node:string_decoder";
import { malformed } from "./errors.ts";

/** The whole body as text; throws BoardhandError E_ENGINE_REFUSED beyond `maxBytes`. */
export async function readText(body: AsyncIterable<Buffer>, maxBytes: number, what: string): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxBytes) throw malformed(what, `it is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/**
 * The body's lines without their ends; empty lines are skipped, and a last line without an end counts.
 * Throws BoardhandError E_ENGINE_REFUSED for a line of more than `maxLength` characters.
 */
export async function* readLines(
  body: AsyncIterable<Buffer>,
  maxLength: number,
  what: string,
): AsyncGenerator<string> {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  for await (const chunk of body) {
    const lines = (rest + decoder.write(chunk)).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > maxLength) throw malformed(what, `a line is longer than ${maxLength} characters`);
    for (const line of lines) {
      if (line.length > maxLength) throw malformed(what, `a line is longer than ${maxLength} characters`);
      if (line.trim() !== "") yield line;
    }
  }
  rest += decoder.end();
  if (rest.trim() !== "") yield rest;
}

/** A line or body of JSON; throws BoardhandError E_ENGINE_REFUSED. */
export function parseJson(text: string, what: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    throw malformed(what, `it is not JSON: ${JSON.stringify(text.slice(0, 80))}`);
  }
}
