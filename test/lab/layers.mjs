// Layers of images, each kept as a folder with the packed tar and what is known of it; not taken when its bytes are not
// what was written down.
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { makeFolder } from "./folders.mjs";

/**
 * @typedef {object} KeptLayer
 * @property {string} file  absolute path of the layer, a tar.gz
 * @property {string} digest  of the file
 * @property {string} diffId  of the tar inside
 * @property {number} bytes  of the tar inside
 */

/**
 * @param {string} directory
 * @returns {Promise<KeptLayer | null>} null for one that is damaged
 */
export async function readLayer(directory) {
  try {
    /** @type {Omit<KeptLayer, "file">} */
    const written = JSON.parse(await readFile(join(directory, "layer.json"), "utf8"));
    const file = join(directory, "layer.tar.gz");
    const hash = createHash("sha256");
    await pipeline(createReadStream(file), hash);
    return `sha256:${hash.digest("hex")}` === written.digest ? { file, ...written } : null;
  } catch {
    return null;
  }
}

/**
 * @param {string} directory
 * @param {(archive: string) => Promise<void>} fill  writes the tar
 */
export async function makeLayer(directory, fill) {
  await makeFolder(directory, async (work) => {
    const archive = join(work, "layer.tar");
    await fill(archive);
    const { diffId, bytes, digest } = await compress(archive, join(work, "layer.tar.gz"));
    await rm(archive);
    await writeFile(join(work, "layer.json"), JSON.stringify({ digest, diffId, bytes }));
  });
}

/**
 * @param {string} archive
 * @param {string} packed
 */
async function compress(archive, packed) {
  const [plain, zipped] = [createHash("sha256"), createHash("sha256")];
  const count = { bytes: 0 };
  await pipeline(
    createReadStream(archive, { highWaterMark: 1 << 20 }),
    async function* (chunks) {
      for await (const chunk of chunks) {
        plain.update(chunk);
        count.bytes += chunk.length;
        yield chunk;
      }
    },
    createGzip({ level: 6 }),
    async function* (chunks) {
      for await (const chunk of chunks) {
        zipped.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(packed),
  );
  return {
    diffId: `sha256:${plain.digest("hex")}`,
    digest: `sha256:${zipped.digest("hex")}`,
    bytes: count.bytes,
  };
}
