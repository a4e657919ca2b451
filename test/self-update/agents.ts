// Makers of agents' containers, so that a test says only what it is about.
import type { AgentContainer } from "../../src/core/model/index.ts";

/** A running agent; `id` is filled up to 64 digits. */
export function agent(id: string, parts: Partial<AgentContainer> = {}): AgentContainer {
  return {
    id: id.padEnd(64, "0"),
    name: `agent-${id}`,
    role: "agent",
    state: "running",
    exitCode: 0,
    error: "",
    startedAt: "2026-01-01T00:00:00.000000000Z",
    restartPolicy: "unless-stopped",
    imageId: "sha256:image",
    imageReference: "reg.example/boardhand:latest",
    labels: {},
    ...parts,
  };
}
