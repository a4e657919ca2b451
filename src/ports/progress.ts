// What is happening right now, for a terminal, a page and tests; nothing decides by it.
import type { Plan, Rollout, Step } from "../core/model/index.ts";
import type { PullProgress } from "./engine.ts";

export type ProgressEvent =
  | { readonly kind: "planned"; readonly project: string; readonly plan: Plan; readonly rendered: string }
  | { readonly kind: "step"; readonly project: string; readonly step: Step; readonly of: number }
  | { readonly kind: "stepDone"; readonly project: string; readonly step: Step; readonly ms: number }
  | { readonly kind: "stepFailed"; readonly project: string; readonly step: Step; readonly message: string }
  | { readonly kind: "pull"; readonly project: string; readonly step: Step; readonly progress: PullProgress }
  | { readonly kind: "rollout"; readonly project: string; readonly rollout: Rollout }
  | { readonly kind: "changed"; readonly project: string };

export type ProgressSink = (event: ProgressEvent) => void;
