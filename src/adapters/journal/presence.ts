// A socket beside the lock on which its owner listens as long as it lives: what tells a live owner in another container,
// whose process ids say nothing here. Nobody speaks on it. A dead one's, after a power cut too, refuses connections.
import { randomBytes } from "node:crypto";
import { readdir, unlink } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { errnoOf } from "./file-system.ts";

const NAME = /^lock-[0-9a-f]{16}\.sock$/;
/** A connection within one machine; a listener that is stopped still takes it. */
const ANSWER_MS = 2000;

export interface Presence {
  /** The socket's name in the state directory. */
  readonly name: string;
  end(): Promise<void>;
}

/** Null where there can be no sockets, as on some network drives, on a full disk, or at a path that is too long. */
export async function announce(directory: string): Promise<Presence | null> {
  const name = `lock-${randomBytes(8).toString("hex")}.sock`;
  const server = createServer((connection) => connection.destroy());
  // It must not keep a process alive that has nothing else to do.
  server.unref();
  const listens = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false));
    server.listen({ path: join(directory, name) }, () => resolve(true));
  });
  if (!listens) return null;
  server.on("error", () => undefined);
  return {
    name,
    end: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Whether its owner lives. What cannot be asked counts as dead: a lock must not be held for ever. */
export async function isPresent(directory: string, name: string): Promise<boolean> {
  // The file may say anything.
  if (!NAME.test(name)) return false;
  return await new Promise((resolve) => {
    const socket = connect({ path: join(directory, name), timeout: ANSWER_MS });
    const answer = (lives: boolean) => (): void => {
      socket.destroy();
      resolve(lives);
    };
    socket.once("connect", answer(true));
    socket.once("timeout", answer(false));
    // Its queue is full: it is there, and does not get to anything.
    socket.once("error", (error) => answer(errnoOf(error) === "EAGAIN")());
  });
}

/** Removes what dead owners left; `own` is the caller's. */
export async function clearAway(directory: string, own: string | null): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  for (const name of names.filter((one) => NAME.test(one) && one !== own)) {
    if (!(await isPresent(directory, name))) await unlink(join(directory, name)).catch(() => undefined);
  }
}
