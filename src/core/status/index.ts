// What the agent tells about itself: the status model and the fold that makes it.
export {
  type AgentStatusInput,
  agentStatus,
  type InvalidCompose,
  type ProjectStatusInput,
  projectStatus,
} from "./project-status.ts";
export type {
  AgentStatus,
  AvailableImage,
  ContainerStatus,
  ProjectStatus,
  QuarantineStatus,
  RolloutStatus,
  ServiceStatus,
  Timestamp,
} from "./types.ts";
export { shortDigest } from "./words.ts";
