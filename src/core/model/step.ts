// A plan and its steps: one step is one Engine call (a gate is one bounded wait) with a stated cause.
import type { Hold } from "./hold.ts";
import type { PinnedImage } from "./image.ts";
import type { ServiceFile } from "./service-files.ts";

/** A container id, or `#n` for the container that step n creates. */
export type ContainerRef = string;

/** The image a container is made from: pinned by a registry's answer, or simply one that is here. */
export interface ImageChoice {
  /** What `Config.Image` will say. */
  readonly reference: string;
  /** What to ask the engine for: an image id or `name@digest`. */
  readonly locate: string;
  readonly pinned: PinnedImage | null;
}

export type HookKind = "post_start" | "pre_stop";

export interface StepArgs {
  createNetwork: { readonly network: string };
  createVolume: { readonly volume: string };
  pullImage: { readonly image: PinnedImage };
  /** Reads the local image back and refuses a processor this board cannot run. */
  verifyImage: { readonly image: PinnedImage };
  tagImage: { readonly image: string; readonly reference: string };
  createContainer: {
    readonly number: number;
    readonly name: string;
    readonly finalName: string;
    readonly image: ImageChoice;
    /** The container whose anonymous volumes are carried over. */
    readonly inherit: string | null;
    /** Networks given in this call; the rest follow as connectNetwork steps. */
    readonly networks: readonly string[];
    /** Containers whose namespaces or volumes it joins, by service. */
    readonly shares: Readonly<Record<string, ContainerRef>>;
    /** The docker compose whose dialect its labels are in; absent: the one that is copied by default. */
    readonly composeVersion?: string;
  };
  connectNetwork: {
    readonly ref: ContainerRef;
    readonly network: string;
    readonly number: number;
    readonly finalName: string;
  };
  renameContainer: { readonly ref: ContainerRef; readonly from: string; readonly to: string };
  setRestartPolicy: { readonly ref: ContainerRef; readonly name: string; readonly policy: string };
  stopContainer: { readonly ref: ContainerRef; readonly name: string; readonly graceMs: number | null };
  startContainer: { readonly ref: ContainerRef; readonly name: string };
  /** Copies a secret or config into the container. Its text is looked up when the step runs, so that no plan has it. */
  copyFile: { readonly ref: ContainerRef; readonly name: string; readonly file: ServiceFile };
  /** Runs one of the service's hooks in the running container, to its end. */
  runHook: {
    readonly ref: ContainerRef;
    readonly name: string;
    readonly hook: HookKind;
    /** 0-based place among the service's hooks of this kind. */
    readonly index: number;
    readonly timeoutMs: number;
  };
  /** Healthy, or without a health check running and unrestarted for `settleMs`. */
  awaitHealthy: {
    readonly ref: ContainerRef;
    readonly name: string;
    readonly timeoutMs: number;
    readonly settleMs: number;
    /** A job: having exited with code 0 is as good as running. */
    readonly mayComplete: boolean;
  };
  /** Exited with code 0. */
  awaitCompleted: { readonly ref: ContainerRef; readonly name: string; readonly timeoutMs: number };
  removeContainer: { readonly ref: ContainerRef; readonly name: string };
  removeImage: { readonly image: string };
}

export type StepKind = keyof StepArgs;

interface StepCommon {
  /** 1-based position in the plan. */
  readonly n: number;
  /** The service it is for; null for networks and volumes. */
  readonly service: string | null;
  /** Steps that must have succeeded before this one. */
  readonly after: readonly number[];
  readonly cause: string;
  /** False where the plan goes on when this step fails (`failure_action: continue`, tidying up). */
  readonly required: boolean;
}

export type StepOf<K extends StepKind> = StepCommon & { readonly kind: K } & StepArgs[K];
export type Step = { [K in StepKind]: StepOf<K> }[StepKind];

export interface Plan {
  readonly project: string;
  readonly steps: readonly Step[];
  readonly held: readonly Hold[];
  /** Services whose containers this plan replaces or creates, sorted. */
  readonly moved: readonly string[];
  /** Of these, the one-shot jobs: they may exit with code 0. */
  readonly jobs: readonly string[];
  /** What an operator should know and nothing was done about (orphans, diverged volumes), sorted. */
  readonly notes: readonly string[];
}
