// The labels on what Boardhand makes: docker compose's complete set, so that it sees its own, and Boardhand's few.
import { composeHashes } from "../compose/hash/index.ts";
import {
  BOARDHAND,
  COMPOSE,
  type DesiredNetwork,
  type DesiredProject,
  type DesiredService,
  type DesiredVolume,
  type PinnedImage,
} from "../model/index.ts";
import { type Shares, withShares } from "./shares.ts";

/** The docker compose version whose behaviour is copied; no tool decides anything by it. */
export const COMPOSE_VERSION = "2.40.3";

export type Labels = Readonly<Record<string, string>>;

export interface ContainerLabelInput {
  readonly project: DesiredProject;
  readonly service: DesiredService;
  readonly number: number;
  readonly imageId: string;
  readonly pinned: PinnedImage | null;
  readonly shares: Shares;
  readonly revision: string;
  readonly composeVersion: string;
}

/** All labels of a container. The user's come first, so that nobody can pretend another project or service. */
export function containerLabels(input: ContainerLabelInput): Labels {
  const { project, service, pinned } = input;
  return {
    ...service.spec.labels,
    [COMPOSE.project]: project.name,
    [COMPOSE.service]: service.name,
    [COMPOSE.oneoff]: "False",
    [COMPOSE.containerNumber]: String(input.number),
    [COMPOSE.configHash]: configHash(service, input.shares, input.composeVersion),
    [COMPOSE.image]: input.imageId,
    [COMPOSE.dependsOn]: service.dependsOn
      .map((dependency) => `${dependency.service}:${dependency.condition}:${dependency.restart}`)
      .join(","),
    [COMPOSE.workingDir]: project.directory,
    [COMPOSE.configFiles]: project.files.join(","),
    ...(project.environmentFiles.length === 0
      ? {}
      : { [COMPOSE.environmentFile]: project.environmentFiles.join(",") }),
    [COMPOSE.version]: input.composeVersion,
    [BOARDHAND.definitionHash]: service.definitionHash,
    [BOARDHAND.restartPolicy]: service.restart,
    [BOARDHAND.revision]: input.revision,
    ...(pinned === null
      ? {}
      : { [BOARDHAND.platformDigest]: pinned.platformDigest, [BOARDHAND.indexDigest]: pinned.indexDigest }),
  };
}

/** docker compose hashes shared namespaces as container ids, so such a service's hash is known only now. */
function configHash(service: DesiredService, shares: Shares, composeVersion: string): string {
  const hashes =
    service.sharesWith.length === 0 ? service.composeHashes : composeHashes(withShares(service.spec, shares));
  return hashes[writesV5(composeVersion) ? 1 : 0] ?? "";
}

/** Whether this version of docker compose hashes in the second known dialect; there is no version 3 or 4. */
export function writesV5(composeVersion: string): boolean {
  return /^v?([5-9]|[1-9]\d)\./.test(composeVersion);
}

export function networkLabels(network: DesiredNetwork, project: DesiredProject): Labels {
  return {
    ...network.labels,
    [COMPOSE.project]: project.name,
    [COMPOSE.network]: network.key,
    [COMPOSE.version]: COMPOSE_VERSION,
    [COMPOSE.configHash]: network.composeHash,
  };
}

export function volumeLabels(volume: DesiredVolume, project: DesiredProject): Labels {
  return {
    ...volume.labels,
    [COMPOSE.project]: project.name,
    [COMPOSE.volume]: volume.key,
    [COMPOSE.version]: COMPOSE_VERSION,
    [COMPOSE.configHash]: volume.composeHash,
  };
}
