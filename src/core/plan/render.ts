// A plan as the text that operators read and tests assert. Nothing in it depends on anything but the plan.
import { type Plan, type Step, shortDigest } from "../model/index.ts";
import { pinnedName } from "./choice.ts";

/** One line a step, then what is held, then notes; `nothing to do` for an empty plan. Ends without a newline. */
export function renderPlan(plan: Plan): string {
  const lines = [
    ...aligned(plan.steps),
    ...plan.held.map((hold) => `held ${hold.service}: ${hold.reason}: ${hold.message}`),
    ...plan.notes.map((note) => `note: ${note}`),
  ];
  if (plan.steps.length === 0) lines.unshift("nothing to do");
  return lines.join("\n");
}

function aligned(steps: readonly Step[]): readonly string[] {
  const heads = steps.map((step) => `#${step.n} ${step.service ?? "-"} ${step.kind}`);
  const bodies = steps.map(
    (step) =>
      `${describeStep(step)}${step.after.length === 0 ? "" : ` <- ${step.after.map((n) => `#${n}`).join(" ")}`}`,
  );
  const headWidth = Math.max(0, ...heads.map((head) => head.length));
  const bodyWidth = Math.max(0, ...bodies.map((body) => body.length));
  return steps.map(
    (step, i) =>
      `${(heads[i] ?? "").padEnd(headWidth)}  ${(bodies[i] ?? "").padEnd(bodyWidth)}  : ${step.cause}`,
  );
}

/** What a step acts on, in a few words. */
export function describeStep(step: Step): string {
  switch (step.kind) {
    case "createNetwork":
      return step.network;
    case "createVolume":
      return step.volume;
    case "pullImage":
    case "verifyImage":
      return shorten(pinnedName(step.image));
    case "tagImage":
      return `${shorten(step.image)} as ${step.reference}`;
    case "createContainer":
      return `${step.name} from ${shorten(step.image.locate)}`;
    case "connectNetwork":
      return `${shortRef(step.ref)} to ${step.network}`;
    case "renameContainer":
      return `${step.from} -> ${step.to}`;
    case "setRestartPolicy":
      return `${step.name} ${step.policy}`;
    case "stopContainer":
    case "startContainer":
    case "removeContainer":
      return step.name;
    case "copyFile":
      return `${step.file.kind} ${step.file.source} to ${step.name}:${step.file.target}`;
    case "runHook":
      return `${step.name}, ${step.hook} ${step.index + 1}, ${seconds(step.timeoutMs)}`;
    case "awaitHealthy":
      return `${step.name}, ${seconds(step.timeoutMs)}${step.settleMs > 0 ? `, steady for ${seconds(step.settleMs)}` : ""}`;
    case "awaitCompleted":
      return `${step.name}, ${seconds(step.timeoutMs)}`;
    case "removeImage":
      return shorten(step.image);
  }
}

function shorten(reference: string): string {
  const at = reference.indexOf("sha256:");
  return at === -1 ? reference : `${reference.slice(0, at)}${shortDigest(reference.slice(at))}`;
}

function shortRef(ref: string): string {
  return ref.startsWith("#") ? ref : ref.slice(0, 12);
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}
