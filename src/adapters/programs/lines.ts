// A stream of bytes as lines. A carriage return ends a line too, as progress bars use it; endless lines are cut.
import { StringDecoder } from "node:string_decoder";

const LINE_MAX = 4096;

export interface LineCutter {
  add(chunk: Buffer): void;
  /** What is left counts as a line. */
  end(): void;
}

export function lineCutter(onLine: ((line: string) => void) | undefined): LineCutter {
  if (onLine === undefined) return { add: () => undefined, end: () => undefined };
  const decoder = new StringDecoder("utf8");
  let rest = "";
  const say = (line: string): void => {
    if (line !== "") onLine(line.slice(0, LINE_MAX));
  };
  const take = (text: string): void => {
    const lines = (rest + text).split(/\r?\n|\r/);
    rest = (lines.pop() ?? "").slice(0, LINE_MAX);
    for (const line of lines) say(line);
  };
  return {
    add: (chunk) => take(decoder.write(chunk)),
    end() {
      take(decoder.end());
      say(rest);
      rest = "";
    },
  };
}
