// What is sent to the engine, as pure functions of the desired project: bodies, names, labels.
export { type ContainerBodyInput, containerBody } from "./body.ts";
export { differences } from "./compare/index.ts";
export { writesV5 } from "./labels.ts";
export { apiAtLeast, containerName } from "./names.ts";
export {
  endpointBody,
  engineLinks,
  linkedContainers,
  networkBody,
  primaryNetworkOrder,
  volumeBody,
} from "./network.ts";
export { refusalOf } from "./refusals.ts";
export { withShares } from "./shares.ts";
