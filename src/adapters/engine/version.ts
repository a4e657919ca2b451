// Which API version is spoken: the engine's newest, but none newer than what Boardhand was made for; 1.40 at least.
import { BoardhandError } from "../../core/model/index.ts";

const NEWEST = 51;
const OLDEST = 40;

/** The version for all calls, from the `Api-Version` header of `/_ping`. Throws BoardhandError E_ENGINE_VERSION. */
export function chooseApiVersion(daemonMax: string): string {
  const match = /^1\.(\d{1,4})$/.exec(daemonMax.trim());
  if (match === null) {
    throw new BoardhandError(
      "E_ENGINE_VERSION",
      `What answers at docker.host names no API version (${JSON.stringify(daemonMax.slice(0, 40))})`,
      { hint: "Check that docker.host is the address of Docker 19.03 or later, or of Podman's API service." },
    );
  }
  const minor = Number(match[1]);
  if (minor < OLDEST) {
    throw new BoardhandError("E_ENGINE_VERSION", `The engine's API ${daemonMax} is older than 1.${OLDEST}`, {
      hint: "Update the container engine to Docker 19.03 or later.",
      data: { apiVersion: daemonMax },
    });
  }
  return `1.${Math.min(minor, NEWEST)}`;
}

/** Whether `apiVersion` (`1.48`) is at least 1.`minor`. */
export function atLeast(apiVersion: string, minor: number): boolean {
  return Number(apiVersion.slice(2)) >= minor;
}
