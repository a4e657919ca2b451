// Puts images into a registry over the distribution API, without an engine. Plain HTTP to a local registry only.

/** @typedef {import("./image.mjs").Image} Image */
/** @typedef {import("./image.mjs").Document} Document */

const timeoutMs = 30_000;

/**
 * Uploads what is missing of one image, and its manifest under its own digest.
 * @param {string} registry  such as `http://127.0.0.1:5000`
 * @param {string} repository
 * @param {Image} image
 */
export async function pushImage(registry, repository, image) {
  for (const [digest, blob] of image.blobs) await pushBlob(`${registry}/v2/${repository}`, digest, blob);
  await pushDocument(registry, repository, image.manifest.digest, image.manifest);
}

/**
 * Puts a manifest or a list under a tag or digest.
 * @param {string} registry
 * @param {string} repository
 * @param {string} reference
 * @param {Document} document
 */
export async function pushDocument(registry, repository, reference, document) {
  await send(`${registry}/v2/${repository}/manifests/${reference}`, 201, {
    method: "PUT",
    headers: { "content-type": document.mediaType },
    body: new Uint8Array(document.body),
  });
}

/**
 * Removes a manifest; a registry that does not allow it answers false.
 * @param {string} registry
 * @param {string} repository
 * @param {string} digest
 */
export async function deleteManifest(registry, repository, digest) {
  const answer = await fetch(`${registry}/v2/${repository}/manifests/${digest}`, {
    method: "DELETE",
    signal: AbortSignal.timeout(timeoutMs),
  });
  return answer.status === 202 || answer.status === 404;
}

/**
 * @param {string} base
 * @param {string} digest
 * @param {Buffer} blob
 */
async function pushBlob(base, digest, blob) {
  const head = await fetch(`${base}/blobs/${digest}`, {
    method: "HEAD",
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (head.ok) return;
  const opened = await send(`${base}/blobs/uploads/`, 202, { method: "POST" });
  const location = new URL(opened.headers.get("location") ?? "", base);
  location.searchParams.set("digest", digest);
  await send(location.href, 201, {
    method: "PUT",
    headers: { "content-type": "application/octet-stream" },
    body: new Uint8Array(blob),
  });
}

/**
 * @param {string} url
 * @param {number} expected
 * @param {RequestInit} request
 */
async function send(url, expected, request) {
  const answer = await fetch(url, { ...request, signal: AbortSignal.timeout(timeoutMs) });
  const text = await answer.text();
  if (answer.status !== expected)
    throw new Error(
      `the registry answered ${answer.status} to ${request.method} ${url}: ${text.slice(0, 300)}`,
    );
  return answer;
}
