// What the agent tells about itself: the status model and the fold that makes it.
export {
  agentStatus,
  type ProjectStatusInput,
  projectStatus,
} from "./project-status.ts";
export { describeLimit, registryStatus } from "./registries.ts";
export type {
  AgentStatus,
  ProjectStatus,
  ServiceStatus,
  WebhookStatus,
} from "./types.ts";
export { describeCounts, describeDelivery, type LastDelivery, webhookStatus } from "./webhooks.ts";
