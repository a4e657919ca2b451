// Writes ustar archives whose bytes depend on their entries alone: no clock, no owner, no reading of files.
// Refuses paths that do not fit a ustar header.

/**
 * @typedef {object} TarEntry
 * @property {string} path  without a leading slash; a directory ends in `/`
 * @property {number} mode  permission bits, such as 0o755
 * @property {Buffer | string} [body]  a file's content
 * @property {string} [link]  the target, which makes this a symbolic link
 */

const blockBytes = 512;

/**
 * One archive of the entries in the order given.
 * @param {readonly TarEntry[]} entries
 * @returns {Buffer}
 */
export function tar(entries) {
  const parts = entries.flatMap((entry) => {
    const body = Buffer.from(entry.body ?? "");
    return [
      header(entry, body.length),
      body,
      Buffer.alloc((blockBytes - (body.length % blockBytes)) % blockBytes),
    ];
  });
  return Buffer.concat([...parts, Buffer.alloc(2 * blockBytes)]);
}

/**
 * POSIX.1-1988 ustar header.
 * @param {TarEntry} entry
 * @param {number} size
 */
function header(entry, size) {
  if (Buffer.byteLength(entry.path) > 100) throw new Error(`path too long for a tar header: ${entry.path}`);
  const block = Buffer.alloc(blockBytes);
  const type = entry.link !== undefined ? "2" : entry.path.endsWith("/") ? "5" : "0";
  block.write(entry.path, 0);
  block.write(octal(entry.mode, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(size, 11), 124);
  block.write(octal(0, 11), 136);
  block.write("        ", 148);
  block.write(type, 156);
  block.write(entry.link ?? "", 157);
  block.write("ustar\0" + "00", 257);
  block.write(
    `${octal(
      block.reduce((sum, byte) => sum + byte, 0),
      6,
    )}\0 `,
    148,
  );
  return block;
}

/**
 * @param {number} value
 * @param {number} width
 */
function octal(value, width) {
  return value.toString(8).padStart(width, "0");
}
