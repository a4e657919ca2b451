// Secrets that are given as files. Refuses missing, empty, short and many-line ones; never repeats what it read.
import { open } from "node:fs/promises";
import { BoardhandError, Secret } from "../../core/model/index.ts";

const MIN_LENGTH = 16;
const MAX_BYTES = 4096;

/** The token in a file, trimmed. `warn` hears about a file that others can read. Throws E_CONFIG. */
export async function readTokenFile(path: string, warn: (message: string) => void): Promise<Secret> {
  const { text, mode } = await read(path);
  const token = text.trim();
  if (token.length < MIN_LENGTH || /\s/.test(token)) {
    const what = /\s/.test(token)
      ? "has white space within the token"
      : `has fewer than ${MIN_LENGTH} characters`;
    throw new BoardhandError("E_CONFIG", `${path}: ${what}`, {
      hint: `Make one with: head -c 24 /dev/urandom | base64 > ${path} && chmod 600 ${path}`,
      data: { path },
    });
  }
  if ((mode & 0o077) !== 0) {
    warn(
      `${path}: others than its owner can read this token (mode ${(mode & 0o777).toString(8)}); chmod 600 it`,
    );
  }
  return new Secret(token);
}

async function read(path: string): Promise<{ readonly text: string; readonly mode: number }> {
  try {
    const handle = await open(path, "r");
    try {
      const { mode } = await handle.stat();
      const buffer = Buffer.alloc(MAX_BYTES + 1);
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
      if (bytesRead > MAX_BYTES) {
        throw new BoardhandError("E_CONFIG", `${path}: is larger than 4 KiB; expected one token`, {
          data: { path },
        });
      }
      return { text: buffer.toString("utf8", 0, bytesRead), mode };
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof BoardhandError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? "";
    throw new BoardhandError("E_CONFIG", `${path}: the token file cannot be read (${code})`, {
      hint: "Create the file, or set the key that names it to null.",
      cause: error,
      data: { path },
    });
  }
}
