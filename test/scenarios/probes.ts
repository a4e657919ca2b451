// Health checks of the images that scenarios push.
import type { ImageHealthcheck } from "../lab/images.ts";

/** Probes every 300 ms, and gives what is slow to listen or to answer many seconds before it is called unhealthy. */
export const PROBE: ImageHealthcheck = {
  Test: ["CMD", "/bin/busybox", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/"],
  Interval: 300_000_000,
  Timeout: 20_000_000_000,
  Retries: 30,
};
/** Never succeeds: three failures make it unhealthy in about a second. */
export const FAILING_PROBE: ImageHealthcheck = {
  ...PROBE,
  Test: ["CMD", "/bin/busybox", "false"],
  Retries: 3,
};
