// `doctor --new-token`: an unguessable token into a file of its own, or onto standard output. Never overwrites anything.
import { randomBytes } from "node:crypto";
import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { BoardhandError } from "../../../core/model/index.ts";
import type { CliContext, ExitCode } from "../../context.ts";

const BYTES = 32;

/** `file` is a path, or `-` for standard output. Throws E_USAGE for a file that is there, E_FILE for one that cannot be. */
export async function newTokenCommand(file: string, ctx: Pick<CliContext, "out">): Promise<ExitCode> {
  // As it may stand in the path of an address.
  const token = randomBytes(BYTES).toString("base64url");
  if (file === "-") ctx.out(`${token}\n`);
  else {
    await write(resolve(file), token);
    ctx.out(`${resolve(file)} holds a new token.\n`);
  }
  return 0;
}

async function write(path: string, token: string): Promise<void> {
  try {
    const handle = await open(path, "wx", 0o600);
    try {
      await handle.writeFile(`${token}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (code === "EEXIST") {
      throw new BoardhandError("E_USAGE", `${path}: is there already, and is not overwritten`, {
        hint: "Name another file; whoever sends webhooks must be given the new token too.",
        data: { path },
      });
    }
    throw new BoardhandError("E_FILE", `${path}: the token cannot be written (${code})`, {
      hint: "Name a file in a directory that exists and may be written.",
      cause: error,
      data: { path },
    });
  }
}
