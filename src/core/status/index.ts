// What the agent tells about itself: the status model and the fold that makes it.
export {
  agentStatus,
  type ProjectStatusInput,
  projectStatus,
} from "./project-status.ts";
export type {
  AgentStatus,
  ProjectStatus,
  ServiceStatus,
} from "./types.ts";
