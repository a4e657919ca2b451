// The configuration of a scenario's agent, but for what is its own: projects, engine and state directory.
import type { AgentConfig } from "../../src/core/model/index.ts";

export const PLAIN_CONFIG: Omit<AgentConfig, "projects" | "docker" | "state"> = {
  compose: { lenient: false },
  schedule: "*/5 * * * *",
  timezone: null,
  jitterMs: 0,
  platform: "auto",
  registries: {
    insecure: [],
    mirrors: {},
    aliases: {},
    ca: {},
    dockerConfig: null,
    timeoutMs: 5000,
    parallelism: 4,
  },
  rollout: { order: "stop-first", monitorMs: 1500, failureAction: "rollback", healthTimeoutMs: 60_000 },
  images: { keep: 1, minFreeSpaceBytes: 0, prune: true },
  http: { host: "127.0.0.1", port: 0, tokenFile: null, trustedProxies: [] },
  webhooks: { tokenFile: null, secretFiles: {}, callback: false },
  drift: "leave",
  orphans: "report",
  selfUpdate: "auto",
  log: { level: "info" },
};
