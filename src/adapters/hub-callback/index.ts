// Answers Docker Hub's `callback_url`: one short POST, no redirect followed, nobody waits for it, and nothing depends on it.
// The Hub itself has refused these calls for years; that is no news worth more than a debug line.
import type { Log, PushCallback } from "../../ports/index.ts";

/** Further answers are dropped while so many are under way. */
const AT_ONCE = 4;
const TIMEOUT_MS = 10_000;

/** The address is the caller's to check: here it is asked as it is. */
export function createHubCallback(log: Log, timeoutMs = TIMEOUT_MS): PushCallback {
  const body = JSON.stringify({ state: "success", description: "heard", context: "Boardhand" });
  let underWay = 0;
  const send = async (url: string): Promise<void> => {
    underWay += 1;
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
        redirect: "manual",
        signal: AbortSignal.timeout(timeoutMs),
      });
      await response.body?.cancel();
      log.debug({ status: response.status }, "Docker Hub's callback was answered");
    } catch (error) {
      const kind = error instanceof Error ? error.name : "unknown";
      log.debug({ kind }, "Docker Hub's callback could not be answered");
    } finally {
      underWay -= 1;
    }
  };
  return {
    confirm(url) {
      if (underWay < AT_ONCE) void send(url);
    },
  };
}
