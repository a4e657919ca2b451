// Secrets that are given as files. Refuses missing, empty, short and many-line ones; never repeats what it read.
import { open } from "node:fs/promises";
import { BoardhandError, Secret } from "../../core/model/index.ts";

const MIN_LENGTH = 16;
/** Whoever knows the address of a hook may knock, from anywhere: 192 bits in base64 are 32 characters. */
const MIN_HOOK_LENGTH = 32;
const MAX_BYTES = 4096;

type Warn = (message: string) => void;

/** The token in a file, trimmed. `warn` hears about a file that others can read. Throws E_CONFIG. */
export function readTokenFile(path: string, warn: Warn): Promise<Secret> {
  const hint = `Make one with: head -c 24 /dev/urandom | base64 > ${path} && chmod 600 ${path}`;
  return readChecked(path, warn, hint, (token) => {
    if (/\s/.test(token)) return "has white space within the token";
    return token.length < MIN_LENGTH ? `has fewer than ${MIN_LENGTH} characters` : null;
  });
}

/** The token that ends the address of a hook: long, and written without percent signs. Throws E_CONFIG. */
export function readHookTokenFile(path: string, warn: Warn): Promise<Secret> {
  const hint = `Make another with: boardhand doctor --new-token ${path} (it refuses to overwrite; remove the old one first)`;
  return readChecked(path, warn, hint, (token) => {
    if (!/^[A-Za-z0-9_.~-]*$/.test(token))
      return "holds something else than the letters, digits, -, _, . and ~ that an address may have";
    if (token.length < MIN_HOOK_LENGTH) return `has fewer than ${MIN_HOOK_LENGTH} characters`;
    return new Set(token).size < 10 ? "can be guessed: it has fewer than 10 different characters" : null;
  });
}

/** What a sender signs with or sends in a header: one line, trimmed. Throws E_CONFIG. */
export function readSecretFile(path: string, warn: Warn): Promise<Secret> {
  return readChecked(path, warn, "Write what the sender was given, on one line.", (secret) => {
    if (/[\r\n]/.test(secret)) return "has more than one line";
    return secret.length < MIN_LENGTH ? `has fewer than ${MIN_LENGTH} characters` : null;
  });
}

/** `complain` says what is wrong with the text, without repeating it. */
async function readChecked(
  path: string,
  warn: Warn,
  hint: string,
  complain: (text: string) => string | null,
): Promise<Secret> {
  const { text, mode } = await read(path);
  const complaint = complain(text.trim());
  if (complaint !== null)
    throw new BoardhandError("E_CONFIG", `${path}: ${complaint}`, { hint, data: { path } });
  if ((mode & 0o077) !== 0) {
    const octal = (mode & 0o777).toString(8);
    warn(`${path}: others than its owner can read this token (mode ${octal}); chmod 600 it`);
  }
  return new Secret(text.trim());
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
