// Folders that are slow to make, kept beside each other: each is there whole or not at all, whoever else makes the same one.
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

/**
 * One that is there by the end of it stays: another run of tests has made the same meanwhile, and may be using it.
 * @param {string} directory
 * @param {(work: string) => Promise<void>} fill  of an empty directory, which becomes this one
 */
export async function makeFolder(directory, fill) {
  const beside = dirname(directory);
  await mkdir(beside, { recursive: true });
  await removeAbandoned(beside);
  const work = await mkdtemp(join(beside, `making-${process.pid}-`));
  try {
    await fill(work);
    await rename(work, directory).catch((error) => {
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** What a killed run was making. @param {string} beside */
async function removeAbandoned(beside) {
  for (const entry of await readdir(beside)) {
    const pid = /^making-(\d+)-/.exec(entry)?.[1];
    if (pid === undefined || existsSync(`/proc/${pid}`)) continue;
    await rm(join(beside, entry), { recursive: true, force: true });
  }
}
