// The engine's frames: kind, three zeros, length, payload. Of a stream of them only the last bytes are kept.

const HEADER = 8;

export interface Tail {
  add(chunk: Buffer): void;
  /** What was kept, without the rest of a character that was cut. */
  text(): string;
}

/** Takes frames apart, however they are cut, and keeps the last `maxBytes` of both outputs. */
export function framesTail(maxBytes: number): Tail {
  const kept = plainTail(maxBytes);
  let head = Buffer.alloc(0);
  let left = 0;
  return {
    add(chunk) {
      let rest = chunk;
      while (rest.length > 0) {
        const wanted = left > 0 ? left : HEADER - head.length;
        const part = rest.subarray(0, wanted);
        rest = rest.subarray(part.length);
        if (left > 0) {
          kept.add(part);
          left -= part.length;
          continue;
        }
        head = Buffer.concat([head, part]);
        if (head.length < HEADER) continue;
        left = head.readUInt32BE(4);
        head = Buffer.alloc(0);
      }
    },
    text: kept.text,
  };
}

/** Keeps the last `maxBytes` of a stream without frames, as a container with a terminal has it. */
export function plainTail(maxBytes: number): Tail {
  let kept = Buffer.alloc(0);
  return {
    add(chunk) {
      kept = Buffer.concat([kept, chunk]).subarray(-maxBytes);
    },
    text: () => kept.subarray(firstWhole(kept)).toString("utf8").trim(),
  };
}

/** Where the first character starts: a cut one has left at most three of its bytes. */
function firstWhole(bytes: Buffer): number {
  const isRest = (at: number): boolean => ((bytes[at] ?? 0) & 0xc0) === 0x80;
  let at = 0;
  while (at < 3 && isRest(at)) at += 1;
  return at;
}
