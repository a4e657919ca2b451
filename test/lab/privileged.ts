// Arguments for a lab engine whose privileged containers start on a machine that itself lacks a capability: runc refuses to
// grant CAP_SYS_RESOURCE where it is not allowed, so there a runc is put before it that leaves it out. Nothing else changes.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SYS_RESOURCE = 24n;

/** The words of an OCI bundle's config.json that go; sed, since the shim waits for every start. */
const WRAPPER = `#!/bin/sh
previous= bundle=
for word in "$@"; do
  [ "$previous" = --bundle ] && bundle=$word
  previous=$word
done
[ -n "$bundle" ] && sed -i 's/"CAP_SYS_RESOURCE",//g; s/,"CAP_SYS_RESOURCE"//g' "$bundle/config.json"
exec runc "$@"
`;

export interface PrivilegedEngine {
  /** For `startEngine`. */
  readonly arguments: readonly string[];
  remove(): Promise<void>;
}

export async function privilegedEngine(): Promise<PrivilegedEngine> {
  const bounding = /^CapBnd:\s*([0-9a-f]+)$/m.exec(await readFile("/proc/self/status", "utf8"))?.[1];
  const allowed = (BigInt(`0x${bounding ?? "0"}`) >> SYS_RESOURCE) & 1n;
  if (allowed === 1n) return { arguments: [], remove: () => Promise.resolve() };
  const directory = await mkdtemp(join(tmpdir(), "boardhand-runc-"));
  const wrapper = join(directory, "runc-without-sys-resource");
  await writeFile(wrapper, WRAPPER, { mode: 0o755 });
  return {
    arguments: ["--add-runtime", `limited=${wrapper}`, "--default-runtime", "limited"],
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}
