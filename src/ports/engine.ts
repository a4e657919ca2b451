// What Boardhand asks of a container engine: one method, one call of the Engine API. The adapter decides nothing.
import type {
  ContainerDetails,
  EngineEvent,
  EngineFacts,
  InspectedContainer,
  ObservedImage,
  ObservedProject,
  Platform,
  Secret,
} from "../core/model/index.ts";

/** The body of `POST /containers/create`, made by core/compose. */
export type CreateContainerBody = Readonly<Record<string, unknown>>;

export interface PullProgress {
  /** Layers known so far, and bytes downloaded of the bytes known so far. */
  readonly layers: number;
  readonly layersDone: number;
  readonly bytes: number;
  readonly totalBytes: number;
}

export interface RegistryCredentials {
  readonly username: string;
  readonly password: Secret;
  readonly identityToken: Secret | null;
  /** A bearer token that is sent as it is (`registrytoken` of config.json). */
  readonly registryToken?: Secret;
  readonly serverAddress: string;
}

/** A file to be written into a container. */
export interface ContainerFile {
  /** Absolute path in the container; missing directories are made. */
  readonly path: string;
  readonly content: Secret;
  /** Permission bits. */
  readonly mode: number;
  /** Null: root. */
  readonly uid: number | null;
  readonly gid: number | null;
}

export interface ExecRequest {
  readonly command: readonly string[];
  /** Null: the container's own. */
  readonly user: string | null;
  readonly workingDir: string | null;
  readonly privileged: boolean;
  /** `KEY=value`, or `KEY` to take a variable away. */
  readonly environment: readonly string[];
  readonly timeoutMs: number;
}

export interface ExecResult {
  /** Null: it still ran when its time was over; nothing can end it but the container's end. */
  readonly exitCode: number | null;
  /** The end of what it wrote, both outputs together, shortened. */
  readonly output: string;
}

/** Every method throws BoardhandError: E_ENGINE_UNAVAILABLE (retry backoff), E_ENGINE_REFUSED (the engine's own words), E_PULL. */
export interface Engine {
  /** Negotiates the API version anew and reads what the engine says about itself. */
  facts(): Promise<EngineFacts>;
  /**
   * When this engine was started, ms since the epoch by the board's clock of that moment: after it ended what it found
   * running, before it started what is to run. Null when it does not tell.
   */
  startedAt(): Promise<number | null>;
  observe(project: string): Promise<ObservedProject>;
  /** Names of all compose projects that have containers here, sorted. */
  projects(): Promise<readonly string[]>;
  /** What these containers were made with; one that is not here, or whose image is not, is left out. */
  details(ids: readonly string[]): Promise<ReadonlyMap<string, ContainerDetails>>;
  inspectContainer(id: string): Promise<InspectedContainer | null>;
  inspectImage(reference: string): Promise<ObservedImage | null>;
  /** Diff ids of each image, from the bottom up; one that is not here or cannot be read is left out. */
  imageLayers(ids: readonly string[]): Promise<readonly (readonly string[])[]>;
  /** The images that containers of any project were made from, running or not, by id. */
  usedImages(): Promise<ReadonlySet<string>>;
  pullImage(
    request: {
      readonly name: string;
      readonly digest: string;
      readonly platform: Platform;
      readonly credentials: RegistryCredentials | null;
    },
    onProgress: (progress: PullProgress) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** `reference` is `name:tag`. */
  tagImage(image: string, reference: string): Promise<void>;
  removeImage(image: string): Promise<void>;
  createNetwork(body: Readonly<Record<string, unknown>>): Promise<void>;
  createVolume(body: Readonly<Record<string, unknown>>): Promise<void>;
  /** Returns the new container's id. */
  createContainer(name: string, body: CreateContainerBody, platform: Platform | null): Promise<string>;
  connectNetwork(
    network: string,
    container: string,
    endpoint: Readonly<Record<string, unknown>>,
  ): Promise<void>;
  renameContainer(id: string, name: string): Promise<void>;
  /** `no`, `always`, `unless-stopped`, `on-failure`, `on-failure:3`. */
  setRestartPolicy(id: string, policy: string): Promise<void>;
  /**
   * Resolves when the container has stopped, whether the engine answers or not; an already stopped one is not an error.
   * Rejects when it still runs some time after `graceMs` (null: its own) and nobody has answered.
   */
  stopContainer(id: string, graceMs: number | null): Promise<void>;
  startContainer(id: string): Promise<void>;
  /** The container need not run; what is written stays until the container is removed. */
  copyFile(id: string, file: ContainerFile): Promise<void>;
  /** Runs a command in a running container to its end. */
  exec(id: string, request: ExecRequest): Promise<ExecResult>;
  /** Kills if needed; keeps volumes; an absent container is not an error. Resolves when it is gone, answer or not. */
  removeContainer(id: string): Promise<void>;
  /**
   * Container events of compose projects until the signal aborts; throws E_ENGINE_UNAVAILABLE when the stream breaks.
   * `opened` is called once the engine has answered: from then on nothing is missed.
   */
  events(signal: AbortSignal, opened?: () => void): AsyncIterable<EngineEvent>;
}
