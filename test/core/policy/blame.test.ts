import { describe, expect, it } from "vitest";
import { isOfBoard } from "../../../src/core/policy/index.ts";

describe("a start that the engine refuses", () => {
  it.each([
    "driver failed programming external connectivity on endpoint web (1a2b): Bind for 0.0.0.0:80 failed: port is already allocated",
    "driver failed programming external connectivity on endpoint web (1a2b): Error starting userland proxy: listen tcp4 127.0.0.1:80: bind: address already in use",
    "failed to set up container networking: driver failed programming external connectivity on endpoint web (1a2b): failed to bind host port for 0.0.0.0:80:172.17.0.2:80/tcp: address already in use",
    'error gathering device information while adding custom device "/dev/ttyUSB0": no such file or directory',
    "mkdir /var/lib/docker/overlay2/1a2b/merged: no space left on device",
    "OCI runtime create failed: runc create failed: unable to start container process: unable to apply cgroup configuration: mkdir /sys/fs/cgroup/memory/docker/1a2b: cannot allocate memory: unknown",
    "cgroups: cgroup mountpoint does not exist: unknown",
  ])("must be the board's affair: %s", (message) => {
    expect(isOfBoard(message)).toBe(true);
  });

  it.each([
    'OCI runtime create failed: runc create failed: unable to start container process: exec: "/start": stat /start: no such file or directory: unknown',
    "OCI runtime create failed: container_linux.go:380: starting container process caused: exec format error: unknown",
    'OCI runtime create failed: container_linux.go:380: starting container process caused: exec: "/start": permission denied: unknown',
    "unable to find user nobody-here: no matching entries in passwd file",
    'exec: "/cgroup-exporter": executable file not found in $PATH',
    "a fault of the lab",
  ])("must be the image's: %s", (message) => {
    expect(isOfBoard(message)).toBe(false);
  });
});
