// What is sent to the engine, as pure functions of the desired project: bodies, names, labels.
export { type ContainerBodyInput, type CreateBody, containerBody } from "./body.ts";
export { apiAtLeast, containerName, platformParameter } from "./names.ts";
export {
  type EndpointInput,
  endpointBody,
  engineLinks,
  MULTIPLE_ENDPOINTS,
  networkBody,
  networkName,
  primaryNetworkOrder,
  volumeBody,
} from "./network.ts";
export { type Shares, withShares } from "./shares.ts";
