// The machine's registrations, taken away for a test and put back as they were: same interpreter, same flags, same magic.
// All containers of the machine share them, so what happens in between has to be short.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

export const BINFMT = "/proc/sys/fs/binfmt_misc";
const CONTROL_FILES = ["register", "status"];
/** Nothing can be created there; without this the kernel says EACCES for an entry that is not there. */
const IN_PLACE = { flag: "r+" } as const;

/** By name, the kernel's own text. */
export type Registrations = Readonly<Record<string, string>>;

export async function registrations(): Promise<Registrations> {
  const names = (await readdir(BINFMT)).filter((name) => !CONTROL_FILES.includes(name)).sort();
  const pairs = names.map(async (name) => [name, await readFile(join(BINFMT, name), "utf8")] as const);
  return Object.fromEntries(await Promise.all(pairs));
}

export async function unregister(name: string): Promise<void> {
  await writeFile(join(BINFMT, name), "-1", IN_PLACE).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
}

/** `1` or `0`. */
export async function toggle(name: string, to: "0" | "1"): Promise<void> {
  await writeFile(join(BINFMT, name), to, IN_PLACE);
}

/** `flags` as the kernel takes them: any of P, O, C, F. `magic` and `mask` as hexadecimal digits. */
export async function register(entry: {
  readonly name: string;
  readonly interpreter: string;
  readonly flags: string;
  readonly magic: string;
  readonly mask: string;
}): Promise<void> {
  const escaped = (digits: string) => digits.replace(/../g, "\\x$&");
  const { name, interpreter, flags, magic, mask } = entry;
  const line = `:${name}:M:0:${escaped(magic)}:${escaped(mask)}:${interpreter}:${flags}`;
  await writeFile(join(BINFMT, "register"), line, IN_PLACE);
}

/** Runs `body` without the named entries, then brings back exactly what was there before, whatever it did. */
export async function withoutEmulators<T>(names: readonly string[], body: () => Promise<T>): Promise<T> {
  const before = await registrations();
  try {
    for (const name of names) await unregister(name);
    return await body();
  } finally {
    await restore(before);
  }
}

/** What fails for one entry does not keep the others away. */
async function restore(before: Registrations): Promise<void> {
  const now = await registrations();
  const steps = [
    ...Object.keys(now)
      .filter((name) => !(name in before))
      .map((name) => unregister(name)),
    ...Object.entries(before)
      .filter(([name, text]) => now[name] !== text)
      .map(([name, text]) => bringBack(name, text)),
  ];
  const failures = (await Promise.allSettled(steps)).filter(({ status }) => status === "rejected");
  if (failures.length > 0) throw new AggregateError(failures, "binfmt_misc is not as it was before the test");
}

async function bringBack(name: string, text: string): Promise<void> {
  await unregister(name);
  await register({ name, ...fieldsOf(text) });
  if (text.startsWith("disabled")) await toggle(name, "0");
}

export function fieldsOf(text: string) {
  const field = (prefix: string) =>
    text
      .split("\n")
      .find((line) => line.startsWith(prefix))
      ?.slice(prefix.length) ?? "";
  return {
    interpreter: field("interpreter "),
    flags: field("flags: "),
    magic: field("magic "),
    mask: field("mask "),
  };
}
