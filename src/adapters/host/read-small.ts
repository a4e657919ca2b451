// Reading files of /proc, which say size 0 and may be long: at most 64 KiB, null when unreadable.
import { open } from "node:fs/promises";

const MAX_BYTES = 64 * 1024;

/** The first 64 KiB of a file as text, or null when it cannot be read. */
export async function readSmall(path: string): Promise<string | null> {
  try {
    const file = await open(path, "r");
    try {
      const buffer = Buffer.alloc(MAX_BYTES);
      let length = 0;
      while (length < MAX_BYTES) {
        const { bytesRead } = await file.read(buffer, length, MAX_BYTES - length, null);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      return buffer.toString("utf8", 0, length);
    } finally {
      await file.close();
    }
  } catch {
    return null;
  }
}
